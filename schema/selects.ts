import { Kind, type GraphQLResolveInfo, type SelectionNode } from 'graphql';

/** True when the selection of the field being resolved names this sub-field, directly or in a fragment; directives are not evaluated. */
export function selects(info: GraphQLResolveInfo, field: string): boolean {
  const finds = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return selection.name.value === field;
    const set = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet;
    return set?.selections.some(finds) ?? false;
  };
  return info.fieldNodes.some((node) => node.selectionSet?.selections.some(finds) ?? false);
}
