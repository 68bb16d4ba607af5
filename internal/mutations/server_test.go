package mutations

var ofServer = []mutation{}
