/// How a trial drew its allocations.
public enum AllocationDesign: String, Sendable, CaseIterable {
  /// Independent draws by the planned shares.
  case simple
  /// All orders of the numbers by arm are equally likely.
  case complete
  /// As `complete`, within each stratum.
  case stratified
  /// Permuted blocks within each stratum.
  case permutedBlock = "permuted-block"
  /// Pocock and Simon's minimisation.
  case minimisation

  /// The design in words: `permuted-block (4, 6)`.
  func text(blocks sizes: [Int]) -> String {
    rawValue + (sizes.isEmpty ? "" : " (" + sizes.map(String.init).joined(separator: ", ") + ")")
  }
}
