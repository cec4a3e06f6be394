export { asOwnField, idsByKey, lastOfOwn, ownFields, OwnFields, ownId, OwnValues, revisionsOf, touchRow, typedValues, type OwnFieldDoc, type OwnValuesDoc } from './store.ts';
export { kindNow, kindWith, ruleColumns, ruleKey, ruleValue } from './vocabulary.ts';
