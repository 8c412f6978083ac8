"""The commands: rasp-opt and raspc."""
