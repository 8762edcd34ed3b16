extension FitOptions {
  /// The options as arguments of `hekta fit`, in the order of its help; `--predict` and `--changes` are not among them, because
  /// their data are no text.
  public var arguments: [String] {
    var list = ArgumentList()
    if confidenceLevel != 0.95 { list.texts += ["--conf-level", ArgumentList.number(confidenceLevel)] }
    if let filter { list.texts += ["--where", filter] }
    if let conventions { list.texts += ["--conventions", conventions.rawValue] }
    if let alsoConventions { list.texts += ["--also", alsoConventions.rawValue] }
    list.add(.weights, weights)
    list.flag(.exponentiate, exponentiate)
    list.add(.robust, robust?.rawValue)
    list.add(.cluster, cluster)
    list.add(.clusterCorrection, clusterCorrection?.rawValue)
    list.add(.information, information?.rawValue)
    list.add(.dispersion, dispersion?.rawValue)
    list.add(.moments, moments?.rawValue)
    list.add(.tolerance, tolerance.map(ArgumentList.number))
    list.add(.limits, limits?.rawValue)
    list.add(.anova, anova.map(String.init))
    for means in marginalMeans { list.add(.marginalMeans, means) }
    if adjustment != .none { list.texts += ["--adjust", adjustment.rawValue] }
    list.add(.standardise, standardise)
    list.add(.standardisationTarget, standardisationTarget?.rawValue)
    list.add(.draws, draws.map(String.init))
    list.add(.seed, seed.map(String.init))
    list.add(.bootstrapScheme, bootstrapScheme?.rawValue)
    if let bootstrap { list.texts += bootstrap.arguments }
    if let imputed {
      list.texts += ["--imputed", imputed.column]
      if imputed.degreesOfFreedom != .barnardRubin {
        list.texts += ["--pooled-df", imputed.degreesOfFreedom.rawValue]
      }
    }
    list.add(.family, family?.rawValue)
    list.add(.link, link)
    for tau in taus { list.add(.tau, ArgumentList.number(tau)) }
    list.add(.quantileError, quantileError?.rawValue)
    list.add(.id, id)
    list.add(.correlation, correlation?.rawValue)
    list.add(.survivalLimits, survivalLimits?.rawValue)
    list.add(.times, times)
    list.add(.rho, rho.map(ArgumentList.number))
    list.add(.ties, ties?.rawValue)
    list.add(.zph, zph?.rawValue)
    list.flag(.baseline, baseline)
    list.flag(.centered, centered)
    list.add(.frailty, frailty.map { "\($0.distribution.rawValue):\($0.variable)" })
    list.add(.distribution, distribution?.rawValue)
    list.add(.cause, cause.map(String.init))
    if let restricted { list.texts.append(restricted ? "--reml" : "--ml") }
    list.add(.degreesOfFreedom, degreesOfFreedom?.rawValue)
    list.flag(.randomEffects, randomEffects)
    list.add(.quadraturePoints, quadraturePoints.map(String.init))
    if !covarianceFallback.isEmpty {
      list.add(.covarianceFallback, covarianceFallback.map(\.rawValue).joined(separator: ","))
    }
    list.add(
      .equalBaseline, equalBaseline.map { equal in equal.visit.map { "\(equal.arm)|\($0)" } ?? equal.arm })
    list.add(.against, against)
    survival.add(to: &list)
    return list.texts
  }
}

extension SurvivalOptions {
  fileprivate func add(to list: inout ArgumentList) {
    list.add(.penalty, penalty?.rawValue)
    list.add(.predictionType, prediction?.rawValue)
    for residual in residuals { list.add(.residuals, residual.rawValue) }
    list.add(.recurrent, recurrent?.rawValue)
    list.add(.greatestEvent, greatestEvent.map(String.init))
    list.add(.logRankTest, test?.rawValue)
    for pair in exponents { list.add(.exponents, [pair.p, pair.q]) }
    list.flag(.trend, trend)
    list.add(.scores, scores)
    list.add(.alternative, alternative?.rawValue)
    list.add(.quantiles, quantiles)
    list.add(.quantileRule, quantileRule?.rawValue)
    list.flag(.pseudo, pseudo)
    list.add(.landmark, landmark.map(ArgumentList.number))
    list.add(.cuts, cuts)
  }
}

extension FitOptions.Bootstrap {
  /// The options as arguments, with all that differ from their defaults.
  fileprivate var arguments: [String] {
    var texts = ["--bootstrap", String(draws)]
    if let unit { texts += ["--resample", unit] }
    if let stratum { texts += ["--resample-within", stratum] }
    if seed != 1 { texts += ["--bootstrap-seed", String(seed)] }
    if limits != .percentile { texts += ["--bootstrap-limits", limits.rawValue] }
    return texts
  }
}

/// Arguments as they are gathered.
private struct ArgumentList {
  var texts: [String] = []

  mutating func flag(_ option: FitOptions.Special, _ isGiven: Bool) {
    if isGiven { texts.append(option.rawValue) }
  }

  mutating func add(_ option: FitOptions.Special, _ value: String?) {
    if let value { texts += [option.rawValue, value] }
  }

  mutating func add(_ option: FitOptions.Special, _ values: [Double]) {
    if !values.isEmpty { add(option, values.map(Self.number).joined(separator: ",")) }
  }

  /// The shortest decimal that reads back as the number.
  static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description
  }
}
