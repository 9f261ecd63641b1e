"""A made-up record that fits a schema, for generated code and demonstrations."""

from typing import Any

from sluiceway.schema.layout import ArrayNode, MapNode, Node, StructNode
from sluiceway.schema.leaves import Leaf


def sample_of(node: Node) -> Any:  # noqa: ANN401 - any JSON value
    """Give a value of *node* as JSON, the same one each time."""
    match node:
        case Leaf():
            return node.sample
        case ArrayNode(items=items):
            return [sample_of(items.node)]
        case MapNode(key=key, values=values):
            return {key.sample: sample_of(values.node)}
        case StructNode(fields=fields):
            return {field.name: sample_of(field.slot.node) for field in fields}
