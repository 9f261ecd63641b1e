"""The composition root: settings, then backends, then services, then the web application."""
