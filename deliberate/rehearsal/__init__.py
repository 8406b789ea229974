"""Plays a whole assessment against a real server, with real HTTP and WebSocket clients, as all of its people."""
