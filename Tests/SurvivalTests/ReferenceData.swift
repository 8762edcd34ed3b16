import Foundation
import LinearAlgebra
import Survival
import Testing

/// A CSV file of `Data/` with its numbers; NaN where a field is empty, NA or a word.
struct Table {
  private var columns: [String: [Double]] = [:]
  private var words: [String: [String]] = [:]
  let count: Int

  init(_ file: String) {
    let url = Bundle.module.url(forResource: "Data/\(file)", withExtension: nil)!
    let lines = try! String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline)
    let names = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let fields = lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    count = fields.count
    for (j, name) in names.enumerated() {
      let name = name.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
      words[name] = fields.map { $0[j].trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
      columns[name] = words[name]!.map { Double($0) ?? .nan }
    }
  }

  subscript(name: String) -> [Double] { columns[name]! }
  func words(_ name: String) -> [String] { words[name]! }

  /// The rows without a missing value in the named columns.
  func complete(_ names: [String]) -> [Int] {
    (0..<count).filter { row in names.allSatisfy { !columns[$0]![row].isNaN } }
  }

  func design(_ names: [String], rows: [Int]? = nil) -> Matrix {
    let rows = rows ?? Array(0..<count)
    return Matrix(columns: names.map { name in rows.map { columns[name]![$0] } }, rows: rows.count)
  }
}

/// Codes 0, 1, … of numbers in ascending order.
func codes(_ values: [Double]) -> (codes: [Int32], count: Int) {
  let levels = Set(values).sorted()
  return (values.map { Int32(levels.firstIndex(of: $0)!) }, levels.count)
}

/// The numbers of R in `Data/reference.json`, which `reference.R` writes (R 4.2.2, survival 3.5-3, cmprsk 2.2-11).
struct Reference {
  private static let all: [String: [String: [Double?]]] = {
    let url = Bundle.module.url(forResource: "Data/reference", withExtension: "json")!
    return try! JSONDecoder().decode([String: [String: [Double?]]].self, from: Data(contentsOf: url))
  }()
  private let values: [String: [Double?]]

  init(_ name: String) { values = Self.all[name]! }

  /// A quantity of the case; NaN where R has none.
  subscript(name: String) -> [Double] { values[name]!.map { $0 ?? .nan } }
}

/// Every eleventh element, as `reference.R` keeps of residuals.
func thinned(_ values: [Double]) -> [Double] {
  stride(from: 0, to: values.count, by: 11).map { values[$0] }
}

/// Expects numbers to agree with R's, an absent one with an absent one.
func expectReference(
  _ actual: [Double], _ expected: [Double], relative: Double, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(what): lengths", sourceLocation: sourceLocation)
  var worst = 0.0
  var at = -1
  for (i, (a, e)) in zip(actual, expected).enumerated() {
    if a.isNaN && e.isNaN { continue }
    let excess = abs(a - e) / (absolute + relative * abs(e) + .leastNormalMagnitude)
    if !(excess <= worst) && a != e {
      worst = excess.isNaN ? .infinity : excess
      at = i
    }
  }
  #expect(
    worst <= 1,
    "\(what)[\(at)]: got \(at >= 0 ? actual[at] : 0), expected \(at >= 0 ? expected[at] : 0); \(worst) times the tolerance",
    sourceLocation: sourceLocation)
}
