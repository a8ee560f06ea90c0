package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// completing is the context in which lists are completed, below the field "list".
func completing(t *testing.T) context.Context {
	ctx := graphql.WithResponseContext(t.Context(), graphql.DefaultErrorPresenter, func(_ context.Context, p any) error {
		return errors.New(fmt.Sprint("recovered ", p))
	})
	field := graphql.CollectedField{}
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: field})
}

func text(list graphql.Array) string {
	var b strings.Builder
	list.MarshalGQL(&b)
	return b.String()
}

func TestListsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 2, 100} {
		ctx := completing(t)
		list := marshalList(ctx, length, func(ctx context.Context, i int) graphql.Marshaler {
			if at := graphql.GetFieldContext(ctx).Index; at == nil || *at != i {
				t.Errorf("element %d is told to be %v", i, at)
			}
			// Lists within lists take goroutines while all others have one.
			return marshalList(ctx, 3, func(_ context.Context, j int) graphql.Marshaler {
				return graphql.MarshalString(fmt.Sprint(i, ".", j))
			})
		})
		var want []string
		for i := range length {
			want = append(want, fmt.Sprintf(`["%d.0","%d.1","%d.2"]`, i, i, i))
		}
		if got := text(list); got != "["+strings.Join(want, ",")+"]" {
			t.Errorf("%d elements: %s", length, got)
		}
	}
}

// Elements wait for each other, as those do that share a loader.
func TestElementsRunAtOnce(t *testing.T) {
	t.Parallel()
	const length = 50
	arrived, released := make(chan struct{}, length), make(chan struct{})
	go func() {
		for range length {
			<-arrived
		}
		close(released)
	}()
	list := marshalList(completing(t), length, func(context.Context, int) graphql.Marshaler {
		arrived <- struct{}{}
		<-released
		return graphql.True
	})
	if len(list) != length {
		t.Errorf("%d elements", len(list))
	}
}

// A panic is the error of its element, whichever goroutine completes it.
func TestPanicInAList(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{0, 2} { // the last is completed by the caller
		ctx := completing(t)
		list := marshalList(ctx, 3, func(_ context.Context, i int) graphql.Marshaler {
			if i == bad {
				panic("no element")
			}
			return graphql.True
		})
		errs := graphql.GetErrors(ctx)
		if list != nil || len(errs) != 1 || errs[0].Message != "recovered no element" || errs[0].Path.String() != fmt.Sprintf("[%d]", bad) {
			t.Errorf("element %d: list %v, errors %v", bad, list, errs)
		}
	}
}
