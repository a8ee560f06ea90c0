package mongotest

import (
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
)

// checkFind holds a find against the index of its hint: equality on the first
// keys, bounds on the next one, a position behind which to continue, and the
// remaining keys as the sort.
func checkFind(c *storage.Collection, command bson.Raw) error {
	filter, _ := command.Lookup("filter").DocumentOK()
	hint, _ := command.Lookup("hint").StringValueOK()
	if same(names(filter), "_id") {
		return checkLookup(filter.Lookup("_id"), hint)
	}
	index, err := hinted(c, hint)
	if err != nil {
		return err
	}
	fixed, err := checkFilter(index, filter)
	if err != nil {
		return err
	}
	sort, _ := command.Lookup("sort").DocumentOK()
	if err := checkSort(index, fixed, sort); err != nil {
		return err
	}
	if limit, _ := command.Lookup("limit").AsInt64OK(); limit <= 0 && !(index.Array && fixed == 0) {
		return fmt.Errorf("find along %s has no limit", index.Name)
	}
	return nil
}

// checkLookup allows equality on the key without a hint, which would keep
// MongoDB from its shortest path, and a list of keys with it.
func checkLookup(id bson.RawValue, hint string) error {
	if id.Type == bson.TypeString {
		return nil
	}
	list, ok := id.Document().Lookup("$in").ArrayOK()
	if !ok || hint != "_id_" {
		return fmt.Errorf("find by _id %s with hint %q", id, hint)
	}
	if keys, _ := list.Values(); len(keys) > maxKeysPerIn {
		return fmt.Errorf("find of %d keys at once", len(keys))
	}
	return nil
}

func hinted(c *storage.Collection, hint string) (*storage.Index, error) {
	for _, x := range c.Indexes {
		if mongo.IndexName(x) == hint {
			return x, nil
		}
	}
	return nil, fmt.Errorf("hint %q is no declared index of collection %s", hint, c.Name)
}

// checkFilter returns how many keys of the index the filter fixes.
func checkFilter(x *storage.Index, filter bson.Raw) (fixed int, err error) {
	keys := append(slices.Clone(x.Keys), "_id")
	fields, err := filter.Elements()
	if err != nil {
		return 0, err
	}
	for fixed < len(fields) && fixed < len(x.Keys) && fields[fixed].Key() == keys[fixed] && !isOperators(fields[fixed].Value()) {
		fixed++
	}
	rest, bounded := fields[fixed:], false
	if len(rest) > 0 && rest[0].Key() == keys[fixed] && isOperators(rest[0].Value()) {
		if err := checkBounds(x, fixed, rest[0].Value().Document()); err != nil {
			return 0, err
		}
		rest, bounded = rest[1:], true
	}
	if len(rest) > 0 && rest[0].Key() == "$or" {
		if !bounded {
			return 0, fmt.Errorf("position of index %s without a bound on %s", x.Name, keys[fixed])
		}
		if err := checkLadder(rest[0].Value(), keys[fixed:]); err != nil {
			return 0, fmt.Errorf("position of index %s: %w", x.Name, err)
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return 0, fmt.Errorf("filter on %s, which index %s %v does not serve there", rest[0].Key(), x.Name, x.Keys)
	}
	return fixed, nil
}

func isOperators(v bson.RawValue) bool {
	d, ok := v.DocumentOK()
	fields := names(d)
	return ok && len(fields) > 0 && fields[0][0] == '$'
}

// checkBounds wants the bounds of an array key within $elemMatch: without it the
// one may hold for one element and the other for another.
func checkBounds(x *storage.Index, fixed int, operators bson.Raw) error {
	if x.Array && fixed == 0 {
		within, ok := operators.Lookup("$elemMatch").DocumentOK()
		if !ok {
			return fmt.Errorf("bounds %s on array key %s", operators, x.Keys[0])
		}
		operators = within
	}
	for _, operator := range names(operators) {
		if !slices.Contains([]string{"$gt", "$gte", "$lt", "$lte"}, operator) {
			return fmt.Errorf("operator %s is not a bound of index %s", operator, x.Name)
		}
	}
	return nil
}

// checkLadder wants step i to fix the first i keys and to pass the next one, all
// in one direction.
func checkLadder(steps bson.RawValue, keys []string) error {
	list, err := steps.Array().Values()
	if err != nil || len(list) != len(keys) {
		return fmt.Errorf("%d steps for %d keys", len(list), len(keys))
	}
	direction := ""
	for i, step := range list {
		fields, err := step.Document().Elements()
		if err != nil || !same(names(step.Document()), keys[:i+1]...) {
			return fmt.Errorf("step %s is not over %v", step, keys[:i+1])
		}
		for _, field := range fields[:i] {
			if isOperators(field.Value()) {
				return fmt.Errorf("step %s does not fix %s", step, field.Key())
			}
		}
		operators := names(fields[i].Value().Document())
		if !same(operators, "$gt") && !same(operators, "$lt") || i > 0 && operators[0] != direction {
			return fmt.Errorf("step %s has the operators %v", step, operators)
		}
		direction = operators[0]
	}
	return nil
}

// checkSort wants the keys that are not fixed, in one direction. A unique index
// ends with its last key.
func checkSort(x *storage.Index, fixed int, sort bson.Raw) error {
	if x.Array && fixed == 0 {
		// Ordered by the engine, which reads all of the stretch.
		return nil
	}
	want := slices.Clone(x.Keys[fixed:])
	if !x.Unique {
		want = append(want, "_id")
	}
	if !same(names(sort), want...) {
		return fmt.Errorf("sort %s of index %s, behind its %d fixed keys remain %v", sort, x.Name, fixed, want)
	}
	fields, _ := sort.Elements()
	for _, field := range fields {
		if field.Value().AsInt64() != fields[0].Value().AsInt64() {
			return fmt.Errorf("sort %s in two directions", sort)
		}
	}
	return nil
}

// checkCount allows the one pipeline that counts: match, limit, group.
func checkCount(c *storage.Collection, command bson.Raw) error {
	hint, _ := command.Lookup("hint").StringValueOK()
	index, err := hinted(c, hint)
	if err != nil {
		return err
	}
	stages, err := command.Lookup("pipeline").Array().Values()
	if err != nil {
		return err
	}
	var order []string
	for _, stage := range stages {
		order = append(order, names(stage.Document())...)
	}
	if !same(order, "$match", "$limit", "$group") {
		return fmt.Errorf("aggregation of %v is not a count to a limit", order)
	}
	match, ok := stages[0].Document().Lookup("$match").DocumentOK()
	if !ok {
		return errors.New("count without a filter")
	}
	_, err = checkFilter(index, match)
	return err
}

// names returns the names of the fields in their order.
func names(doc bson.Raw) []string {
	elements, _ := doc.Elements()
	list := make([]string, len(elements))
	for i, element := range elements {
		list[i] = element.Key()
	}
	return list
}

func same(list []string, want ...string) bool { return slices.Equal(list, want) }

func truth(doc bson.Raw, field string) bool {
	b, _ := doc.Lookup(field).BooleanOK()
	return b
}
