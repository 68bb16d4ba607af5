// Package simfs owns a file system in memory for tests of what must survive a
// crash. It is as unkind as POSIX allows: a power cut drops, tears and reorders
// what was not synced, file names included; a failed sync keeps some of it, and
// the next one succeeds without the rest.
package simfs

import (
	"errors"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"sync"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// ErrDead is what every operation returns after a crash.
var ErrDead = errors.New("the machine is down")

// Op is an operation that a Disk can be told to fail.
type Op string

// The operations that change something.
const (
	OpCreate   Op = "create"
	OpWrite    Op = "write"
	OpTruncate Op = "truncate"
	OpSync     Op = "sync"
	OpSyncDir  Op = "syncdir"
	OpRemove   Op = "remove"
	OpRename   Op = "rename"
	OpMkdir    Op = "mkdir"
	OpOpen     Op = "open"
	OpRead     Op = "read"
)

// Disk is a disk and the memory of the machine that it is in. It is safe for
// concurrent use.
type Disk struct {
	mu         sync.Mutex
	random     *rand.Rand
	dirs       map[string]*dir
	locks      map[string]int // by name: life of who has it
	life       int            // of the running program
	isDown     bool
	operations int // changes so far
	cutAt      int // the power fails at this one; 0: never
	capacity   int64
	fail       func(op Op, name string) error
	stale      []byte // what was once in a file that is gone
}

// New returns an empty disk with the directory "/".
func New(random *rand.Rand) *Disk {
	return &Disk{
		random: random,
		dirs:   map[string]*dir{"/": {names: map[string]*inode{}, durable: map[string]*inode{}, isDurable: true}},
		locks:  make(map[string]int),
	}
}

// FS returns the file system for a program that starts now. It works until
// the next crash.
func (d *Disk) FS() *FS {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &FS{disk: d, life: d.life}
}

var _ spool.FS = (*FS)(nil)

// Fail has operations end with the error that this returns. It is called with
// the disk locked. nil: none.
func (d *Disk) Fail(fail func(op Op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = fail
}

// SetCapacity limits the bytes in all files. 0: no limit.
func (d *Disk) SetCapacity(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capacity = bytes
}

// CutAfter lets the power fail at the n-th change from now on.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cutAt = d.operations + n
}

// IsDown reports whether the power has failed and not come back.
func (d *Disk) IsDown() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.isDown
}

// Kill ends the running program: its files are closed, its locks free, and
// what it wrote is in the machine's memory still.
func (d *Disk) Kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kill()
}

func (d *Disk) kill() {
	d.life++
	d.isDown, d.cutAt = false, 0
	clear(d.locks)
}

// PowerCut ends the running program and the machine, and starts it again.
func (d *Disk) PowerCut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	luck := d.luck()
	for _, name := range slices.Sorted(maps.Keys(d.dirs)) { // those above first
		dir := d.dirs[name]
		if _, isThere := d.dirs[path.Dir(name)]; !isThere || !dir.isDurable && !luck() {
			delete(d.dirs, name)
			continue
		}
		dir.isDurable = true
		dir.crash(luck)
		for _, f := range dir.durable {
			f.crash(luck, d.stale)
		}
	}
	d.kill()
}

// luck returns what decides whether something that was not synced is on the
// disk: a coin that is different in each crash.
func (d *Disk) luck() func() bool {
	chance := []float64{0, 0.1, 0.5, 0.9, 1}[d.random.IntN(5)]
	return func() bool { return d.random.Float64() < chance }
}

// begin counts a change and returns what it must fail with. The caller holds
// mu.
func (d *Disk) begin(life int, op Op, name string) error {
	if d.isDown || life != d.life {
		return ErrDead
	}
	if op != OpOpen && op != OpRead {
		d.operations++
		if d.operations == d.cutAt {
			d.isDown = true // what is under way still goes into memory
		}
	}
	if d.fail != nil {
		return d.fail(op, name)
	}
	return nil
}

// end returns ErrDead when the power failed meanwhile.
func (d *Disk) end() error {
	if d.isDown {
		return ErrDead
	}
	return nil
}

// room returns how many bytes more fit.
func (d *Disk) room() int64 {
	free := d.capacity
	for _, dir := range d.dirs {
		for _, f := range dir.names {
			free -= int64(len(f.memory))
		}
	}
	return free
}
