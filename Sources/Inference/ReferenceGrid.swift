import ModelFormula

/// The cells of a reference grid: every combination of the factors' levels, covariates at their means.
struct ReferenceGrid {
  /// The variables, in the model's order.
  let variables: [GridVariable]
  /// One row a cell; the first factor's level varies fastest.
  let table: DataFrame
  /// For each row, the level index of each variable (0 for covariates).
  private let indices: [[Int]]

  init(_ variables: [GridVariable]) {
    self.variables = variables
    let counts = variables.map { max(1, $0.labels.count) }
    let total = counts.reduce(1, *)
    var indices: [[Int]] = []
    indices.reserveCapacity(total)
    for row in 0..<total {
      var rest = row
      indices.append(
        counts.map { count in
          defer { rest /= count }
          return rest % count
        })
    }
    self.indices = indices
    table = DataFrame(
      variables.enumerated().map { v, variable in
        let column: Column =
          switch variable.values {
          case .levels(let levels):
            .categorical(codes: indices.map { Int32($0[v]) }, levels: levels)
          case .numericLevels(let values, _): .numeric(indices.map { values[$0[v]] })
          case .mean(let mean): .numeric([Double](repeating: mean, count: total))
          }
        return (variable.name, column)
      }, rowCount: total)
  }

  /// A marginal cell: the levels that name it and the rows it averages.
  struct Cell {
    let levels: [(variable: String, label: String)]
    let rows: [Int]
    fileprivate let contrastLabels: [(variable: String, label: String)]

    /// The label of a variable's level in a contrast.
    func contrastLabel(_ variable: String) -> String {
      contrastLabels.first { $0.variable == variable }?.label ?? ""
    }
  }

  /// The marginal cells of some variables, in groups by the levels of others.
  func groups(
    of names: [String], within by: [String]
  ) -> [(levels: [(variable: String, label: String)], cells: [Cell])] {
    let named = names + by
    let places = named.map { name in variables.firstIndex { $0.name == name }! }
    let outer = combinations(of: Array(places.dropFirst(names.count)))
    let inner = combinations(of: Array(places.prefix(names.count)))
    return outer.map { o in
      let byLevels = zip(places.dropFirst(names.count), o).map { v, i in
        (variable: variables[v].name, label: variables[v].labels[i])
      }
      let cells = inner.map { k -> Cell in
        let wanted = Array(zip(places, k + o))
        let levels = zip(places.prefix(names.count), k).map { v, i in
          (variable: variables[v].name, label: variables[v].labels[i])
        }
        let contrast = zip(places.prefix(names.count), k).map { v, i in
          (variable: variables[v].name, label: variables[v].contrastLabels[i])
        }
        let rows = indices.indices.filter { row in
          wanted.allSatisfy { v, i in indices[row][v] == i }
        }
        return Cell(levels: levels + byLevels, rows: rows, contrastLabels: contrast)
      }
      return (byLevels, cells)
    }
  }

  /// Every combination of level indices of some variables, the first varying fastest.
  private func combinations(of places: [Int]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for place in places.reversed() {
      result = result.flatMap { rest in
        variables[place].labels.indices.map { [$0] + rest }
      }
    }
    // The flat map above varies the last-added (first) variable fastest within each rest.
    return result
  }
}

/// A specification of marginal means: `~ a`, `~ a | b`, `pairwise ~ a`, `pairwise ~ a * b | c`.
public struct MarginalMeansSpecification: Sendable, Equatable {
  /// The variables whose combinations have means.
  public let variables: [String]
  /// The variables within whose levels contrasts are formed.
  public let by: [String]
  /// Whether all pairs are compared.
  public let pairwise: Bool

  public init(variables: [String], by: [String] = [], pairwise: Bool) {
    self.variables = variables
    self.by = by
    self.pairwise = pairwise
  }

  /// Reads a specification; names may be backquoted.
  ///
  /// - Throws: `MarginalMeansError.malformed`.
  public init(_ text: String) throws(MarginalMeansError) {
    let sides = Self.split(text, at: "~")
    let left = sides.count == 2 ? Self.trimmed(sides[0]) : ""
    guard sides.count <= 2, left.isEmpty || left == "pairwise" else { throw .malformed(text) }
    let parts = Self.split(sides.last!, at: "|")
    guard parts.count <= 2 else { throw .malformed(text) }
    let lists = parts.map { part in
      Self.split(part, at: "*:+").map { name in
        let bare = Self.trimmed(name)
        return bare.count > 1 && bare.first == "`" && bare.last == "`"
          ? String(bare.dropFirst().dropLast()) : bare
      }
    }
    guard lists.allSatisfy({ list in list.allSatisfy { !$0.isEmpty } }) else {
      throw .malformed(text)
    }
    variables = lists[0]
    by = lists.count == 2 ? lists[1] : []
    pairwise = left == "pairwise"
  }

  /// Splits at any of some marks outside backquotes.
  private static func split(_ text: String, at marks: String) -> [String] {
    var parts = [""]
    var quoted = false
    for character in text {
      if character == "`" { quoted.toggle() }
      if !quoted, marks.contains(character) {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  private static func trimmed(_ text: String) -> String {
    var part = Substring(text)
    while let first = part.first, first.isWhitespace { part.removeFirst() }
    while let last = part.last, last.isWhitespace { part.removeLast() }
    return String(part)
  }
}
