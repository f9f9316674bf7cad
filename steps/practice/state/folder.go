package state

import "path/filepath"

// Folder is where a world lives. A world makes and changes nothing outside of it.
type Folder string

// Home is the HOME of the world's commands.
func (f Folder) Home() string { return filepath.Join(string(f), "home") }

// Bin is their PATH.
func (f Folder) Bin() string { return filepath.Join(string(f), "bin") }

// Temp is their TMPDIR.
func (f Folder) Temp() string { return filepath.Join(string(f), "tmp") }

// Checkout is the git work tree of the infrastructure.
func (f Folder) Checkout() string { return filepath.Join(string(f), "openverse-infrastructure") }

// Remote is the bare repository that the checkout's origin is.
func (f Folder) Remote() string { return f.Checkout() + ".git" }

// StateFile is where the facts are. A folder that has it holds a complete world.
func (f Folder) StateFile() string { return filepath.Join(string(f), "world.json") }
