package runbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Type implements Event.
func (Started) Type() string        { return "started" }
func (Resumed) Type() string        { return "resumed" }
func (ReleaseChosen) Type() string  { return "release-chosen" }
func (Filled) Type() string         { return "filled" }
func (AccessSeen) Type() string     { return "access-seen" }
func (Checked) Type() string        { return "checked" }
func (Ticked) Type() string         { return "ticked" }
func (Unticked) Type() string       { return "unticked" }
func (Skipped) Type() string        { return "skipped" }
func (DoneElsewhere) Type() string  { return "done-elsewhere" }
func (Overridden) Type() string     { return "overridden" }
func (Judged) Type() string         { return "judged" }
func (Confirmed) Type() string      { return "confirmed" }
func (EffectStarted) Type() string  { return "effect-started" }
func (EffectDid) Type() string      { return "effect-did" }
func (EffectFinished) Type() string { return "effect-finished" }
func (StopAsked) Type() string      { return "stop-asked" }
func (EffectDoubted) Type() string  { return "effect-doubted" }
func (EffectVoided) Type() string   { return "effect-voided" }
func (Settled) Type() string        { return "settled" }
func (Pretended) Type() string      { return "pretended" }

// decoders decode events from JSON, by the event's type.
var decoders = decodersOf(
	decode[Started], decode[Resumed], decode[ReleaseChosen], decode[Filled], decode[AccessSeen], decode[Checked],
	decode[Ticked], decode[Unticked], decode[Skipped], decode[DoneElsewhere], decode[Overridden], decode[Judged], decode[Confirmed],
	decode[EffectStarted], decode[EffectDid], decode[EffectFinished], decode[StopAsked], decode[EffectDoubted], decode[EffectVoided], decode[Settled], decode[Pretended],
)

func decodersOf(all ...func([]byte) (Event, error)) map[string]func([]byte) (Event, error) {
	byType := make(map[string]func([]byte) (Event, error), len(all))
	for _, d := range all {
		e, err := d([]byte("{}"))
		if err != nil {
			panic(err)
		}
		byType[e.Type()] = d
	}
	return byType
}

// ErrNewer is wrapped by the error for an event that a newer version wrote.
var ErrNewer = errors.New("written by a newer version of the program")

// DecodeEvent decodes an event from its type and its encoding/json form. The error
// for an unknown type or field wraps ErrNewer, because ignoring it could ignore
// something that matters.
func DecodeEvent(kind string, data []byte) (Event, error) {
	d, ok := decoders[kind]
	if !ok {
		return nil, fmt.Errorf("reading an event: there is no event %q: %w", kind, ErrNewer)
	}
	return d(data)
}

func decode[T Event](data []byte) (Event, error) {
	var e T
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&e); err == nil {
		return e, nil
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("reading an event %q: %w", e.Type(), err)
	}
	return nil, fmt.Errorf("reading an event %q: it has unknown fields: %w", e.Type(), ErrNewer)
}
