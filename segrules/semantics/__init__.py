"""Names and types: syntax trees and catalogue models into the typed tree."""
