package layout

import "testing"

// TestDivide holds for all sizes that the places fill the screen and do not overlap.
func TestDivide(t *testing.T) {
	for h := range 60 {
		for _, w := range []int{1, 20, 40, 80, 99, 100, 200} {
			for n := range 1 << 7 {
				bit := func(i int) int { return n >> i & 1 }
				wants := Wants{
					W: w, H: h, Header: 1 + bit(0), Message: 2 * bit(1), Outline: 12, Head: func(w int) int { return 1 + 100/w },
					Below: 30 * bit(2), Dialog: 9 * bit(3), Focus: Pane(bit(4) * (1 + bit(5)*bit(2))), Zoomed: bit(6) == 1,
				}
				p := Divide(wants)
				used := make([]int, h*w)
				for _, r := range []Rect{p.Header, p.Outline, p.Detail, p.Below, p.Dialog, p.Message, p.Footer} {
					for y := r.Y; y < r.Y+r.H; y++ {
						for x := r.X; x < r.X+r.W; x++ {
							if x >= w || y >= h {
								t.Fatalf("%+v: %+v leaves the screen", wants, r)
							}
							used[y*w+x]++
						}
					}
				}
				for at, times := range used {
					if between := p.Columns && at%w >= p.Outline.W && at%w < p.Detail.X; times > 1 || times == 0 && !between {
						t.Fatalf("%+v: cell %d, %d is used %d times: %+v", wants, at%w, at/w, times, p)
					}
				}
			}
		}
	}
}

// TestRoom holds what a person needs at common sizes.
func TestRoom(t *testing.T) {
	wants := Wants{W: 80, H: 24, Header: 1, Outline: 12, Head: func(int) int { return 3 }}
	if p := Divide(wants); !p.Strip || p.Detail.H != 21 {
		t.Errorf("without a plan: %+v", p)
	}
	wants.Below = 40
	if p := Divide(wants); p.Detail.H < 8 || p.Below.H < 8 {
		t.Errorf("beside a plan: %+v", p)
	}
	wants.Focus = Below
	if p := Divide(wants); p.Detail.H < 5 || p.Below.H < 14 {
		t.Errorf("reading a plan: %+v", p)
	}
	wants.W, wants.H = 40, 12
	if p := Divide(wants); p.Detail.H < 3 || p.Below.H < 5 {
		t.Errorf("reading a plan on a small screen: %+v", p)
	}
	wants.Zoomed = true
	if p := Divide(wants); p.Below.H != 10 {
		t.Errorf("a plan that is zoomed: %+v", p)
	}
	quiet := Divide(wants)
	wants.Message = 1
	if p := Divide(wants); p.Below.Y != quiet.Below.Y || p.Below.H != quiet.Below.H-1 {
		t.Errorf("a message moves the plan from %+v to %+v", quiet.Below, p.Below)
	}
}
