extension FitOptions {
  /// The options as arguments of `hekta fit`, in the order of its help; `--predict` is not among them, because its data are
  /// no text.
  public var arguments: [String] {
    var list: [String] = []
    func flag(_ option: Special, _ isGiven: Bool) { if isGiven { list.append(option.rawValue) } }
    func add(_ option: Special, _ value: String?) { if let value { list += [option.rawValue, value] } }
    func number(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description
    }
    if confidenceLevel != 0.95 { list += ["--conf-level", number(confidenceLevel)] }
    if let filter { list += ["--where", filter] }
    add(.weights, weights)
    flag(.exponentiate, exponentiate)
    add(.robust, robust?.rawValue)
    add(.cluster, cluster)
    add(.limits, limits?.rawValue)
    add(.anova, anova.map(String.init))
    for means in marginalMeans { add(.marginalMeans, means) }
    if adjustment != .none { list += ["--adjust", adjustment.rawValue] }
    add(.standardise, standardise)
    add(.family, family?.rawValue)
    add(.link, link)
    for tau in taus { add(.tau, number(tau)) }
    add(.quantileError, quantileError?.rawValue)
    add(.id, id)
    add(.correlation, correlation?.rawValue)
    add(.survivalLimits, survivalLimits?.rawValue)
    if !times.isEmpty { add(.times, times.map(number).joined(separator: ",")) }
    add(.rho, rho.map(number))
    add(.ties, ties?.rawValue)
    add(.zph, zph?.rawValue)
    flag(.baseline, baseline)
    flag(.centered, centered)
    add(.frailty, frailty.map { "\($0.distribution.rawValue):\($0.variable)" })
    add(.distribution, distribution?.rawValue)
    add(.cause, cause.map(String.init))
    if let restricted { list.append(restricted ? "--reml" : "--ml") }
    add(.degreesOfFreedom, degreesOfFreedom?.rawValue)
    flag(.randomEffects, randomEffects)
    add(.quadraturePoints, quadraturePoints.map(String.init))
    return list
  }
}
