"""The widgets: they show values and report intentions. Nothing here changes the document by itself."""
