import ArgumentParser
import Inference
import ModelFitting
import ModelFormula

/// The options of `hekta fit` that ask for inference beyond the default table.
struct InferenceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The column of prior weights.", valueName: "var"))
  var weights: String?

  @Flag(help: "Print exp(estimate) and its limits.")
  var exponentiate = false

  @Option(
    help: ArgumentHelp(
      "Robust covariance: HC0, HC1, HC2 or HC3; bare for the sandwich by row of a Cox model.",
      valueName: "type"))
  var robust: FitOptions.Robust?

  @Option(help: ArgumentHelp("Sandwich covariance over the clusters of this column.", valueName: "var"))
  var cluster: String?

  @Option(
    help: ArgumentHelp(
      "lm, glm: the small-sample correction over clusters, CR0 to CR3 (with --ddf satterthwaite by default for CR2).",
      valueName: "type"))
  var clusterCorrection: FitOptions.ClusterCorrection?

  @Option(help: ArgumentHelp("glm, negbin: the information of the covariance.", valueName: "kind"))
  var information: FitOptions.Information?

  @Option(help: ArgumentHelp("glm: how the dispersion is estimated.", valueName: "kind"))
  var dispersion: FitOptions.Dispersion?

  @Option(
    help: ArgumentHelp(
      "lm: below this a column counts as dependent on others; 1e-7 by default.", valueName: "number"))
  var tolerance: Double?

  @Option(name: .customLong("ci"), help: ArgumentHelp("How limits are found.", valueName: "kind"))
  var limits: FitOptions.Limits?

  @Option(help: ArgumentHelp("Test the terms by type 2 or 3 hypotheses.", valueName: "type"))
  var anova: Int?

  @Option(
    name: .customLong("emmeans"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Marginal means: '~ a', '~ a | b', 'pairwise ~ a', 'pairwise ~ a | b' (repeatable).", valueName: "spec")
  )
  var marginalMeans: [String] = []

  @Option(
    name: .customLong("adjust"),
    help: ArgumentHelp("Multiplicity adjustment of contrasts.", valueName: "method"))
  var adjustment = FitOptions.Adjustment.none

  @Option(
    help: ArgumentHelp(
      "Standardise over this variable (g-computation; cox: survival at --times).", valueName: "var"))
  var standardise: String?

  @Option(
    name: .customLong("target"),
    help: ArgumentHelp("What the standard errors of --standardise refer to.", valueName: "kind"))
  var standardisationTarget: FitOptions.StandardisationTarget?

  @Option(help: ArgumentHelp("Predict for the rows of another CSV file.", valueName: "file"))
  var predict: String?

  @Option(
    help: ArgumentHelp(
      "The column that numbers completed tables below each other: each is fitted, the coefficients are pooled by Rubin's rules.",
      valueName: "var"))
  var imputed: String?

  @Option(
    name: .customLong("pooled-df"),
    help: ArgumentHelp("The degrees of freedom of pooled coefficients.", valueName: "kind"))
  var pooledDegreesOfFreedom = PooledEstimate.DegreesOfFreedom.barnardRubin

  /// Fills the fields of the request.
  func apply(to options: inout FitOptions) throws {
    if let anova, anova != 2, anova != 3 {
      throw ValidationError("--anova: found \(anova), expected 2 or 3")
    }
    options.weights = weights
    options.exponentiate = exponentiate
    options.robust = robust
    options.cluster = cluster
    options.limits = limits
    options.anova = anova
    options.marginalMeans = marginalMeans
    options.adjustment = adjustment
    options.standardise = standardise
    options.standardisationTarget = standardisationTarget
    options.clusterCorrection = clusterCorrection
    options.information = information
    options.dispersion = dispersion
    if let tolerance, !(tolerance > 0 && tolerance < 1) {
      throw ValidationError("--tolerance: found \(tolerance), expected a number between 0 and 1")
    }
    options.tolerance = tolerance
    options.imputed = imputed.map { .init(column: $0, degreesOfFreedom: pooledDegreesOfFreedom) }
  }
}

/// The options of `hekta fit` that belong to some models only; a model refuses those it has no use for.
struct ModelSpecificOptions: ParsableArguments {
  @Option(help: "glm, gee, glmm, hurdle, zeroinfl: the family.")
  var family: FitOptions.Family?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "glm: the link function. Before --predict's rows: bare, predictions on the scale of the linear predictor.",
      valueName: "link"))
  var link: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("quantile: the quantile (repeatable); rmst: the horizon.", valueName: "tau"))
  var tau: [Double] = []

  @Option(name: .customLong("se"), help: ArgumentHelp("quantile: the standard error.", valueName: "kind"))
  var quantileError: FitOptions.QuantileError?

  @Option(
    help: ArgumentHelp("quantile --se boot, twopart: the number of bootstrap samples.", valueName: "count"))
  var draws: Int?

  @Option(help: ArgumentHelp("quantile --se boot, twopart: the seed of the bootstrap.", valueName: "number"))
  var seed: Int?

  @Option(
    name: .customLong("boot-type"),
    help: ArgumentHelp("quantile --se boot: resample rows, or give them random weights.", valueName: "kind"))
  var bootstrapScheme: FitOptions.BootstrapScheme?

  @Option(help: ArgumentHelp("gee: the divisors of scale and correlation.", valueName: "kind"))
  var moments: FitOptions.Moments?

  @Option(
    help: ArgumentHelp("gee, mcf, km, cox --recurrent, --changes: the column of subjects.", valueName: "var"))
  var id: String?

  @Option(name: .customLong("corstr"), help: ArgumentHelp("gee: the working correlation.", valueName: "kind"))
  var correlation: FitOptions.WorkingCorrelation?

  @Option(
    name: .customLong("conf-type"),
    help: ArgumentHelp("km, cuminc, cox: the transform of limits.", valueName: "kind"))
  var survivalLimits: FitOptions.SurvivalLimits?

  @Option(
    help: ArgumentHelp(
      "km, cuminc, cox, finegray, mcf: times at which to read the curve, comma-separated.", valueName: "times"
    ))
  var times: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("logrank, cuminc: the exponent of the weights S(t)^rho.", valueName: "rho"))
  var rho: Double?

  @Option(help: ArgumentHelp("cox: the treatment of tied times.", valueName: "kind"))
  var ties: FitOptions.Ties?

  @Option(
    help: ArgumentHelp(
      "cox: test proportional hazards; bare for the km transform of time.", valueName: "transform"))
  var zph: FitOptions.ZPHTransform?

  @Flag(help: "cox: add the cumulative baseline hazard.")
  var baseline = false

  @Flag(help: "cox: the baseline hazard at the covariates' means.")
  var centered = false

  @Option(help: ArgumentHelp("cox: a frailty, gamma:VAR or gaussian:VAR.", valueName: "frailty"))
  var frailty: String?

  @Option(name: .customLong("dist"), help: ArgumentHelp("aft: the distribution.", valueName: "name"))
  var distribution: FitOptions.FailureDistribution?

  @Option(help: ArgumentHelp("finegray: the code of the cause of interest.", valueName: "code"))
  var cause: Int?

  @Flag(help: "lmm, mmrm: restricted maximum likelihood (the default).")
  var reml = false

  @Flag(help: "lmm, mmrm: maximum likelihood.")
  var ml = false

  @Option(
    name: .customLong("ddf"),
    help: ArgumentHelp("lmm, mmrm, and lm, glm with clusters: the degrees of freedom.", valueName: "method"))
  var degreesOfFreedom: FitOptions.DegreesOfFreedom?

  @Flag(name: .customLong("ranef"), help: "lmm, glmm: add the conditional modes of the random effects.")
  var randomEffects = false

  @Option(
    name: .customLong("agq"),
    help: ArgumentHelp("glmm: quadrature points; 1 is the Laplace approximation.", valueName: "n"))
  var quadraturePoints: Int?

  @Option(
    help: ArgumentHelp(
      "mmrm: structures to turn to, in order, where the formula's has no fit: toeph,csh,cs.",
      valueName: "list"))
  var fallback: String?

  @Option(
    help: ArgumentHelp(
      "mmrm, lmm: equal means of the arms at the first visit; 'arm', or 'arm|visit' in an lmm.",
      valueName: "arm"))
  var equalBaseline: String?

  @Option(
    help: ArgumentHelp(
      "lmm, glmm, mmrm: likelihood-ratio test against the model of a smaller formula.", valueName: "formula"))
  var against: String?

  /// Fills the fields of the request.
  func apply(to options: inout FitOptions) throws {
    if reml, ml { throw ValidationError("--reml and --ml exclude each other") }
    options.restricted = reml ? true : ml ? false : nil
    options.family = family
    // `--link` without a value asks for predictions on the link scale (the contract's second meaning).
    options.predictLink = link == Self.bareLink
    options.link = link == Self.bareLink ? nil : link
    options.taus = tau
    options.quantileError = quantileError
    if let draws, draws < 1 {
      throw ValidationError("--draws: found \(draws), expected a whole number from 1")
    }
    if let seed, seed < 0 { throw ValidationError("--seed: found \(seed), expected a whole number from 0") }
    options.draws = draws
    options.seed = seed
    options.bootstrapScheme = bootstrapScheme
    options.moments = moments
    options.id = id
    options.correlation = correlation
    options.survivalLimits = survivalLimits
    options.times = try numberList(times, option: "--times")
    options.rho = rho
    options.ties = ties
    options.zph = zph
    options.baseline = baseline
    options.centered = centered
    options.frailty = try frailty.map(parsedFrailty)
    options.distribution = distribution
    options.cause = cause
    options.degreesOfFreedom = degreesOfFreedom
    options.randomEffects = randomEffects
    if let quadraturePoints, quadraturePoints < 1 {
      throw ValidationError("--agq: found \(quadraturePoints), expected a whole number from 1")
    }
    options.quadraturePoints = quadraturePoints
    options.covarianceFallback = try (fallback ?? "").split(separator: ",").map { part in
      let text = String(part).trimmingBlanks
      guard let structure = CovarianceTerm.Structure(rawValue: text) else {
        let all = CovarianceTerm.Structure.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--fallback: found \"\(text)\", expected structures out of \(all)")
      }
      return structure
    }
    options.equalBaseline = equalBaseline.map { text in
      let parts = text.split(separator: "|", maxSplits: 1).map { String($0).trimmingBlanks }
      return FitOptions.EqualBaseline(arm: parts.first ?? "", visit: parts.count > 1 ? parts[1] : nil)
    }
    options.against = against
  }

  /// The value that stands for a bare `--link`.
  static let bareLink = "(linear predictor)"

  private func parsedFrailty(_ text: String) throws -> FitOptions.Frailty {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2,
      let distribution = FitOptions.Frailty.Distribution(rawValue: parts[0])
    else {
      throw ValidationError("--frailty: found \"\(text)\", expected gamma:VAR or gaussian:VAR")
    }
    return FitOptions.Frailty(distribution: distribution, variable: parts[1])
  }
}

extension String {
  /// The text without blanks at either end.
  var trimmingBlanks: String {
    var part = Substring(self)
    while part.first == " " { part.removeFirst() }
    while part.last == " " { part.removeLast() }
    return String(part)
  }
}

extension FitOptions.Family: ExpressibleByArgument {}
extension FitOptions.Robust: ExpressibleByArgument {}
extension FitOptions.Limits: ExpressibleByArgument {}
extension FitOptions.Adjustment: ExpressibleByArgument {}
extension FitOptions.QuantileError: ExpressibleByArgument {}
extension FitOptions.WorkingCorrelation: ExpressibleByArgument {}
extension FitOptions.SurvivalLimits: ExpressibleByArgument {}
extension FitOptions.Ties: ExpressibleByArgument {}
extension FitOptions.ZPHTransform: ExpressibleByArgument {}
extension FitOptions.FailureDistribution: ExpressibleByArgument {}
extension FitOptions.DegreesOfFreedom: ExpressibleByArgument {}
extension FitOptions.ClusterCorrection: ExpressibleByArgument {}
extension FitOptions.Information: ExpressibleByArgument {}
extension FitOptions.Dispersion: ExpressibleByArgument {}
extension FitOptions.Moments: ExpressibleByArgument {}
extension FitOptions.StandardisationTarget: ExpressibleByArgument {}
extension FitOptions.BootstrapScheme: ExpressibleByArgument {}
extension PooledEstimate.DegreesOfFreedom: ExpressibleByArgument {}
