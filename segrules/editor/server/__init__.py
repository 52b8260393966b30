"""The language server protocol: messages of an editor into questions about texts, and answers into messages."""
