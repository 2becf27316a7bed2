"""The shapes of questions and answers: what the document says, and what is checked and written."""
