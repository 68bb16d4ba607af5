package mutations

var ofTransfer = []mutation{}
