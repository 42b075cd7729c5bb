"""The application without its widgets: document, runner, files, settings, command line. QtCore and QtGui only."""
