package mutations

var ofAdmin = []mutation{}
