extension FitOptions {
  /// The options that belong to some models only.
  public enum Special: String, Sendable, CaseIterable {
    case weights = "--weights"
    case exponentiate = "--exponentiate"
    case robust = "--robust"
    case cluster = "--cluster"
    case clusterCorrection = "--cluster-correction"
    case information = "--information"
    case dispersion = "--dispersion"
    case moments = "--moments"
    case tolerance = "--tolerance"
    case limits = "--ci"
    case anova = "--anova"
    case marginalMeans = "--emmeans"
    case standardise = "--standardise"
    case standardisationTarget = "--target"
    case predict = "--predict"
    case family = "--family"
    case link = "--link"
    case tau = "--tau"
    case quantileError = "--se"
    case draws = "--draws"
    case seed = "--seed"
    case bootstrapScheme = "--boot-type"
    case id = "--id"
    case correlation = "--corstr"
    case survivalLimits = "--conf-type"
    case times = "--times"
    case rho = "--rho"
    case ties = "--ties"
    case zph = "--zph"
    case baseline = "--baseline"
    case centered = "--centered"
    case frailty = "--frailty"
    case distribution = "--dist"
    case cause = "--cause"
    case restricted = "--reml/--ml"
    case degreesOfFreedom = "--ddf"
    case randomEffects = "--ranef"
    case quadraturePoints = "--agq"
    case penalty = "--penalty"
    case predictionType = "--predict-type"
    case residuals = "--residuals"
    case recurrent = "--recurrent"
    case greatestEvent = "--max-event"
    case logRankTest = "--kind"
    case exponents = "--fh"
    case trend = "--trend"
    case scores = "--scores"
    case alternative = "--alternative"
    case quantiles = "--quantiles"
    case quantileRule = "--quantile-rule"
    case pseudo = "--pseudo"
    case landmark = "--landmark"
    case cuts = "--split-at"
    case changes = "--changes"
    case covarianceFallback = "--fallback"
    case equalBaseline = "--equal-baseline"
    case against = "--against"
  }

  /// The special options that were given.
  public var given: [Special] {
    let set: [(Special, Bool)] = [
      (.weights, weights != nil), (.exponentiate, exponentiate), (.robust, robust != nil),
      (.cluster, cluster != nil), (.clusterCorrection, clusterCorrection != nil),
      (.information, information != nil), (.dispersion, dispersion != nil), (.moments, moments != nil),
      (.tolerance, tolerance != nil), (.limits, limits != nil), (.anova, anova != nil),
      (.marginalMeans, !marginalMeans.isEmpty), (.standardise, standardise != nil),
      (.standardisationTarget, standardisationTarget != nil), (.draws, draws != nil), (.seed, seed != nil),
      (.bootstrapScheme, bootstrapScheme != nil),
      (.predict, predict != nil), (.family, family != nil), (.link, link != nil),
      (.tau, !taus.isEmpty), (.quantileError, quantileError != nil), (.id, id != nil),
      (.correlation, correlation != nil), (.survivalLimits, survivalLimits != nil),
      (.times, !times.isEmpty), (.rho, rho != nil), (.ties, ties != nil), (.zph, zph != nil),
      (.baseline, baseline), (.centered, centered), (.frailty, frailty != nil),
      (.distribution, distribution != nil), (.cause, cause != nil),
      (.restricted, restricted != nil), (.degreesOfFreedom, degreesOfFreedom != nil),
      (.randomEffects, randomEffects), (.quadraturePoints, quadraturePoints != nil),
      (.covarianceFallback, !covarianceFallback.isEmpty), (.equalBaseline, equalBaseline != nil),
      (.against, against != nil),
    ]
    return set.filter(\.1).map(\.0) + survival.given
  }

  /// Refuses options that a model has no use for, so that none is silently ignored.
  ///
  /// - Parameters:
  ///   - allowed: the special options the model takes.
  ///   - timeRows: whether it also takes those that change the rows of persons' time (`SurvivalOptions.rowOptions`).
  ///   - model: the model's name, for the message.
  /// - Throws: `FitRequestError.optionWithoutMeaning` for the first that it does not take.
  public func allow(
    _ allowed: Set<Special>, timeRows: Bool = false, for model: String
  ) throws(FitRequestError) {
    let rows = timeRows ? SurvivalOptions.rowOptions : []
    for option in given where !allowed.contains(option) && !rows.contains(option) {
      throw .optionWithoutMeaning(option: option.rawValue, model: model)
    }
  }
}
