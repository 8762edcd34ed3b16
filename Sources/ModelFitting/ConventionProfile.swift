/// A software whose defaults decide what a request leaves open.
///
/// Where R, SAS and Stata answer the same question with different numbers, it is because their defaults differ: the
/// treatment of ties, a continuity correction, the limits, the degrees of freedom. A profile sets those together; an
/// option that is given always wins. `docs/conventions.md` lists, test by test and model by model, what each profile sets
/// and where that is documented.
public enum ConventionProfile: String, Sendable, CaseIterable {
  /// R and the packages that the models name as their reference.
  case r
  /// SAS/STAT.
  case sas
  /// Stata.
  case stata
}

extension FitOptions {
  /// The options with those left open filled in as a profile has them.
  ///
  /// - Parameters:
  ///   - profile: whose defaults.
  ///   - model: the model's name on the command line.
  ///   - formula: the model's formula; a default may hold for some formulas only.
  public func following(_ profile: ConventionProfile, model: String, formula: String) -> FitOptions {
    var options = self
    let isModelBased = robust == nil && cluster == nil
    switch model {
    case "lm":
      if options.robust == .row { options.robust = profile.robustDefault }
      // SURVEYREG and `vce(cluster)` take the number of clusters less one.
      if cluster != nil, profile != .r { options.degreesOfFreedom = degreesOfFreedom ?? .clusters }
    case "glm":
      options.limits = limits ?? (profile == .r && isModelBased ? .profile : .wald)
      if profile != .r {
        options.degreesOfFreedom = degreesOfFreedom ?? .normal
        if isModelBased { options.information = information ?? .observed }
        let isQuasi = family == .quasibinomial || family == .quasipoisson
        if profile == .sas, !isQuasi { options.dispersion = dispersion ?? .maximumLikelihood }
      }
    case "negbin":
      options.limits = limits ?? (profile == .r && isModelBased ? .profile : .wald)
      if profile != .r, isModelBased { options.information = information ?? .observed }
    case "ordinal": options.limits = limits ?? (profile == .r ? .profile : .wald)
    case "firth": options.limits = limits ?? (profile == .r ? .profile : .wald)
    case "gee":
      if profile == .stata { options.correlation = correlation ?? .exchangeable }
      if profile == .sas { options.moments = moments ?? .residual }
    case "km": options.survivalLimits = survivalLimits ?? (profile == .r ? .log : .logLog)
    case "cox": options.ties = ties ?? (profile == .r ? .efron : .breslow)
    case "lmm", "mmrm":
      if profile == .stata {
        options.restricted = restricted ?? false
        options.degreesOfFreedom = degreesOfFreedom ?? .normal
      } else if profile == .sas, model == "mmrm" {
        options.degreesOfFreedom = degreesOfFreedom ?? .betweenWithin
      }
    case "glmm":
      // Adaptive quadrature over several random effects is another computation; there Stata's 7 points have no equal.
      let effects = formula.split(separator: "|", omittingEmptySubsequences: false).count - 1
      if profile == .stata, effects == 1, formula.contains("(1 |") || formula.contains("(1|") {
        options.quadraturePoints = quadraturePoints ?? 7
      }
    default: break
    }
    return options
  }
}

extension ConventionProfile {
  /// The correction of a bare `--robust`: `sandwich::vcovHC`, `PROC REG / HCC`, `vce(robust)`.
  var robustDefault: FitOptions.Robust {
    switch self {
    case .r: .hc3
    case .sas: .hc0
    case .stata: .hc1
    }
  }

  /// What the software does by default that no option here can repeat, so that a reader is not misled.
  func departures(model: String) -> String? {
    switch (self, model) {
    case (.sas, "lmm"): "SAS's containment degrees of freedom are not computed: those of the table stand"
    case (.sas, "glmm"):
      "SAS's GLIMMIX uses restricted pseudo-likelihood by default: the likelihood's fit stands"
    case (.sas, "quantile"), (.stata, "quantile"):
      "the software's own default standard errors of a quantile regression are not computed"
    case (.stata, "gee"): "Stata's xtgee prints model-based standard errors by default: the sandwich stands"
    default: nil
    }
  }
}

extension HypothesisTestRequest {
  /// The request with the options left open filled in as a profile has them.
  public func following(_ profile: ConventionProfile, test: String) -> HypothesisTestRequest {
    var request = self
    let isR = profile == .r
    let sides = (formula ?? "").split(separator: "~")
    let isOneSample = sides.count == 2 && sides[1].allSatisfy { $0 == " " || $0 == "1" }
    switch test {
    case "t": request.options.equalVariances = options.equalVariances ?? !isR
    case "wilcoxon":
      if !isR, !isOneSample {
        request.options.exact = options.exact ?? false
        request.options.correct = options.correct ?? (profile == .sas)
      }
    case "ks": if !isR { request.options.exact = options.exact ?? false }
    case "chisq", "mcnemar", "cmh":
      if options.exact != true { request.options.correct = options.correct ?? isR }
    case "fisher":
      request.options.oddsRatioMethod = options.oddsRatioMethod ?? (isR ? "conditional" : "sample")
    case "binom":
      request.options.twoSided = options.twoSided ?? (profile == .sas ? .doubled : .minimumLikelihood)
    case "proportions":
      request.options.correct = options.correct ?? isR
      guard formula?.contains("|") != true else { break }
      // A single risk has limits and no contrast.
      if !isOneSample, options.events?.count != 1 {
        request.options.method = options.method ?? (isR ? "wald-corrected" : "wald")
        request.options.ratioMethod = options.ratioMethod ?? "katz"
        request.options.oddsRatioMethod = options.oddsRatioMethod ?? (isR ? "profile" : "wald")
      }
      if options.riskMethods.isEmpty {
        request.options.riskMethods =
          switch profile {
          case .r: [.wilson, .clopperPearson]
          case .sas: [.wald, .clopperPearson]
          case .stata: [.clopperPearson]
          }
      }
    default: break
    }
    return request
  }
}
