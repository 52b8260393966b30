"""What an editor asks about rules: pure answers over texts, and a server that speaks the language server protocol."""
