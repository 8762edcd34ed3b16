import HypothesisTests
import ModelFitting

/// What a profile decides for analyses that are no models of the catalogue; `docs/conventions.md` has the sources.
extension ConventionProfile {
  /// Where a half goes.
  var roundingTies: AnalysisRun.Rounding.Ties { self == .r ? .even : .away }

  /// The definition of sample quantiles.
  var quantiles: SampleSummary.QuantileType { self == .r ? .type7 : .type2 }

  /// The limits of a single risk.
  var riskLimits: SingleProportion.Method {
    switch self {
    case .r: .wilson
    case .sas: .wald
    case .stata: .clopperPearson
    }
  }

  /// The limits of a risk difference.
  var difference: DifferenceMethod { self == .r ? .waldCorrected : .wald }

  /// The limits of an odds ratio of counts.
  var oddsRatio: OddsRatioMethod { self == .r ? .profile : .wald }

  /// The test of equal risks.
  var equalRisks: EqualRisksMethod { self == .r ? .yates : .pearson }
}
