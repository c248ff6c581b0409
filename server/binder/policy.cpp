// Which endpoint is open how.
