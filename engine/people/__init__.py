"""What is to be known of people and of segments, told for those who ask: never what is done."""
