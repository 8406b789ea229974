"""The content of a record, from stored rows to one JSON value. Only `facts` knows the tables."""
