"""Engines that run the typed rules; each in a folder of its own, none sees another."""
