import ModelFormula

/// How many rows share the values of a file's quasi-identifiers: what a neighbour could know of a person.
///
/// A row in a class of k rows hides among k persons (L. Sweeney, "k-anonymity", 2002, doi 10.1142/S0218488502001648). A missing
/// value counts as a value of its own.
public struct Anonymity: Sendable, Equatable {
  public let file: String
  public let columns: [String]
  /// The size of the smallest class; 0 for a file without rows.
  public let smallest: Int
  /// Rows that are alone in their class.
  public let alone: Int
  /// Rows in classes below the floor.
  public let belowFloor: Int
  public let floor: Int

  /// The anonymity of a file; nil where its codebook declares no quasi-identifiers.
  public init?(_ file: TrialDataset.File, floor: Int = 5) {
    let names = file.codebook.columns.filter(\.isQuasiIdentifier).map(\.name).filter { file.frame[$0] != nil }
    guard !names.isEmpty else { return nil }
    var classes: [[String?]: Int] = [:]
    let texts = names.map { file.frame[$0]!.texts }
    for row in 0..<file.frame.rowCount { classes[texts.map { $0[row] }, default: 0] += 1 }
    self.file = file.codebook.file
    columns = names
    smallest = classes.values.min() ?? 0
    alone = classes.values.count { $0 == 1 }
    belowFloor = classes.values.filter { $0 < floor }.reduce(0, +)
    self.floor = floor
  }

  /// One line for people.
  public var text: String {
    "\(file): k-anonymity over \(columns.joined(separator: ", ")): k = \(smallest); "
      + "\(alone) rows alone, \(belowFloor) in classes below \(floor)"
  }
}
