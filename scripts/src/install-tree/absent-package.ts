/**
 * Stands in bundles for a package that another one tries to load and does without. Not to be there is its whole purpose: so
 * nobody looks for it in the folders above a tree, which no code hash covers.
 */
throw Object.assign(new Error('this package is not part of the tree'), { code: 'MODULE_NOT_FOUND' });
