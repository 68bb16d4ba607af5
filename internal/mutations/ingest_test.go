package mutations

var ofIngest = []mutation{}
