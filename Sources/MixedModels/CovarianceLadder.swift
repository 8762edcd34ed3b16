/// One rung of a ladder of covariance structures: the structure that was tried and what came of it.
///
/// An unstructured covariance may have no optimum in a small trial with many visits. A plan that names, beforehand, the
/// simpler structures to turn to leaves no choice to be made once the data are seen (Mallinckrodt et al., Drug Inf J
/// 2008;42:303–319, doi 10.1177/009286150804200402; R `mmrm` chooses among optimisers instead).
public struct CovarianceAttempt: Sendable, Equatable {
  public let structure: CovarianceStructure
  /// Why the structure has no usable fit; nil for one that has.
  public let failure: String?

  public init(structure: CovarianceStructure, failure: String?) {
    self.structure = structure
    self.failure = failure
  }
}

extension CovarianceStructure {
  /// True where every covariance of `other` is one of this structure too, so that a likelihood ratio compares the two.
  public func contains(_ other: CovarianceStructure) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (.us, _): return true
    case (.toeph, .csh), (.toeph, .ar1h), (.toeph, .toep), (.toeph, .cs), (.toeph, .ar1): return true
    case (.toep, .cs), (.toep, .ar1): return true
    case (.adh, .ar1h), (.adh, .ad), (.adh, .ar1), (.ad, .ar1): return true
    case (.csh, .cs), (.ar1h, .ar1): return true
    default: return false
    }
  }
}
