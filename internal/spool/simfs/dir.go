package simfs

// dir is a directory: the names that a program sees, those that are on the
// disk, and what leads from these to those.
type dir struct {
	names   map[string]*inode
	durable map[string]*inode
	pending []change

	isDurable bool // its own name is on the disk
}

// change puts a name into a directory, or takes it away.
type change struct {
	name     string
	file     *inode
	isRemove bool
}

func newDir() *dir {
	return &dir{names: make(map[string]*inode), durable: make(map[string]*inode)}
}

func (c change) apply(names map[string]*inode) {
	switch {
	case !c.isRemove:
		names[c.name] = c.file
	case names[c.name] == c.file:
		delete(names, c.name)
	}
}

func (d *dir) change(c change) {
	c.apply(d.names)
	d.pending = append(d.pending, c)
}

func (d *dir) sync() {
	for _, c := range d.pending {
		c.apply(d.durable)
	}
	d.pending = nil
}

// crash forgets changes that luck does not keep, whatever their order.
func (d *dir) crash(luck func() bool) {
	for _, c := range d.pending {
		if luck() {
			c.apply(d.durable)
		}
	}
	d.pending = nil
	d.names = make(map[string]*inode, len(d.durable))
	for name, f := range d.durable {
		d.names[name] = f
	}
}
