"""The folder that is sent: manifest, brief, session files, fixes."""
