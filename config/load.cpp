// The file as checked values.
