extension AnalysisKind {
  /// What carries out an analysis of this kind.
  var method: any AnalysisMethod.Type {
    switch self {
    case .flow: Flow.self
    case .randomisation: RandomisationChecks.self
    case .baseline: Baseline.self
    case .risk: Risk.self
    case .logistic: Logistic.self
    case .linear: LinearRegression.self
    case .counts: CountRegression.self
    case .means: Means.self
    case .twoPart: TwoPart.self
    case .kaplanMeier: KaplanMeierCurves.self
    case .logRank: LogRank.self
    case .cox: Cox.self
    case .cumulativeIncidence: CumulativeIncidenceCurves.self
    case .restrictedMean: RestrictedMean.self
    case .meanCumulative: MeanCumulativeCurves.self
    case .mixedModel, .repeatedMeasures: MixedModelAnalysis.self
    case .generalisedMixedModel: GeneralisedMixedModelAnalysis.self
    }
  }
}
