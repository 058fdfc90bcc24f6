import { Kind, type GraphQLResolveInfo, type SelectionNode } from 'graphql';

/** True when the selection of the field being resolved names no other sub-fields than these, directly or in fragments; directives are not evaluated. */
export function selectsOnly(info: GraphQLResolveInfo, fields: ReadonlySet<string>): boolean {
  const fits = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return fields.has(selection.name.value);
    const set = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet;
    return set?.selections.every(fits) ?? false;
  };
  return info.fieldNodes.every((node) => node.selectionSet?.selections.every(fits) ?? false);
}

/** True when the selection of the field being resolved names this sub-field, directly or in a fragment; directives are not evaluated. */
export function selects(info: GraphQLResolveInfo, field: string): boolean {
  const finds = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return selection.name.value === field;
    const set = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet;
    return set?.selections.some(finds) ?? false;
  };
  return info.fieldNodes.some((node) => node.selectionSet?.selections.some(finds) ?? false);
}
