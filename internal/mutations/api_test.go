package mutations

var ofAPI = []mutation{}
