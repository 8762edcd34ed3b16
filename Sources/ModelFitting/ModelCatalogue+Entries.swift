extension ModelCatalogue {
  /// Every model, in the order of the help text.
  public static let entries: [Entry] = [
    linearModel, generalisedLinearModel, negativeBinomial, firth,
    hurdle, zeroInflated, twoPartMean, ordinal, quantile, gee,
    kaplanMeier, logRank, cox, failureTime, restrictedMean, cumulativeIncidence, fineGray, meanCumulative,
    linearMixedModel, generalisedLinearMixedModel, repeatedMeasures,
  ]
}
