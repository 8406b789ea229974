"""What tests share. Nothing here asserts."""
