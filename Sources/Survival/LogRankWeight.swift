import Glibc

/// What an event time counts for in a test of the log-rank family.
///
/// With Y at risk and d events in all groups of the stratum together and S the pooled Kaplan–Meier estimate just before the
/// time. Klein & Moeschberger, Survival Analysis, 2nd ed., section 7.3.
public enum LogRankWeight: Sendable, Equatable {
  /// 1: the log-rank test (Mantel 1966).
  case logRank
  /// Y: Gehan's generalised Wilcoxon test in Breslow's form (SAS `WILCOXON`).
  case gehan
  /// √Y: Tarone & Ware (1977), doi:10.1093/biomet/64.1.156.
  case taroneWare
  /// S̃ = Π (1 − d/(Y + 1)) up to and with the time: Peto & Peto's form (SAS `PETO`).
  case peto
  /// S̃ Y/(Y + 1): Andersen's modification (SAS `MODPETO`).
  case modifiedPeto
  /// S^p (1 − S)^q: Fleming and Harrington's; with q = 0 the G-rho family of R's `survdiff` (1982,
  /// doi:10.1093/biomet/69.3.553).
  case flemingHarrington(p: Double, q: Double)

  /// The name under which the test is reported.
  public var name: String {
    switch self {
    case .logRank: "log-rank"
    case .gehan: "Gehan-Breslow"
    case .taroneWare: "Tarone-Ware"
    case .peto: "Peto-Peto"
    case .modifiedPeto: "modified Peto-Peto"
    case .flemingHarrington(_, let q): q == 0 ? "G-rho" : "Fleming-Harrington"
    }
  }
}

/// The weights of the event times of one stratum, as they are walked through.
struct LogRankWeights {
  private let weight: LogRankWeight
  /// The pooled Kaplan–Meier estimate just before the next time.
  private var survival = 1.0
  /// Peto's estimate.
  private var peto = 1.0

  init(_ weight: LogRankWeight) { self.weight = weight }

  /// The weight of the next time.
  mutating func next(atRisk y: Double, events d: Double) -> Double {
    peto *= 1 - d / (y + 1)
    defer { survival *= 1 - d / y }
    switch weight {
    case .logRank: return 1
    case .gehan: return y
    case .taroneWare: return y.squareRoot()
    case .peto: return peto
    case .modifiedPeto: return peto * y / (y + 1)
    case .flemingHarrington(let p, let q):
      // 0⁰ is 1, so that p = q = 0 is the log-rank test at the first time too.
      return (p == 0 ? 1 : pow(survival, p)) * (q == 0 ? 1 : pow(1 - survival, q))
    }
  }
}
