/// A table of named, typed columns of one length.
///
/// Columns keep their order. A frame remembers the line of the file that each row came from, so that any message can
/// point there.
public struct DataFrame: Sendable, Equatable {
  /// The names of the columns, in order.
  public private(set) var names: [String]
  /// The columns in the order of their names.
  private var columns: [Column]
  /// The place of each name, where there are too many to look through.
  private var places: [String: Int]?
  /// The number of rows.
  public private(set) var rowCount: Int
  /// For each row, the line of the file it starts on (the header is line 1); nil where the frame is not from a file.
  public var lines: [Int]?

  /// Makes a table.
  ///
  /// - Precondition: the columns have one length and distinct names.
  public init(_ columns: [(name: String, column: Column)], rowCount: Int? = nil, lines: [Int]? = nil) {
    self.names = []
    self.columns = []
    self.rowCount = rowCount ?? columns.first?.column.count ?? 0
    self.lines = lines
    names.reserveCapacity(columns.count)
    self.columns.reserveCapacity(columns.count)
    for (name, column) in columns {
      precondition(place(of: name) == nil, "two columns with the name \(name)")
      self[name] = column
    }
  }

  /// The number of names up to which comparing them is no slower than hashing one.
  private static let fewNames = 24

  private func place(of name: String) -> Int? {
    if let places { return places[name] }
    return names.firstIndex(of: name)
  }

  private mutating func notePlaces() {
    places =
      names.count <= Self.fewNames
      ? nil : Dictionary(uniqueKeysWithValues: names.indices.map { (names[$0], $0) })
  }

  /// The column with a name. Setting a new name adds the column at the end; setting nil removes it.
  public subscript(name: String) -> Column? {
    get { place(of: name).map { columns[$0] } }
    set {
      let place = place(of: name)
      guard let newValue else {
        guard let place else { return }
        names.remove(at: place)
        columns.remove(at: place)
        notePlaces()
        return
      }
      if names.isEmpty && rowCount == 0 { rowCount = newValue.count }
      precondition(
        newValue.count == rowCount, "a column of \(newValue.count) rows in a table of \(rowCount)")
      if let place {
        columns[place] = newValue
        return
      }
      names.append(name)
      columns.append(newValue)
      if places == nil { notePlaces() } else { places![name] = names.count - 1 }
    }
  }

  /// The table of the chosen rows, in the order given.
  public func selecting(rows: [Int]) -> DataFrame {
    DataFrame(
      names.indices.map { (names[$0], columns[$0].selecting(rows: rows)) }, rowCount: rows.count,
      lines: lines.map { lines in rows.map { lines[$0] } })
  }

  /// The existing names nearest to one that was not found, nearest first, by edit distance; at most three.
  public func nearestNames(to name: String) -> [String] { nearest(to: name, among: names) }
}

/// The candidates within a third of their length (or two) in edits of a word, nearest first; at most three.
///
/// A candidate that shares no letter in place is none.
public func nearest(to word: String, among candidates: [String]) -> [String] {
  let target = Array(word.lowercased())
  let scored = candidates.map { candidate in
    (candidate, editDistance(target, Array(candidate.lowercased())))
  }
  let close = scored.filter { candidate, distance in
    let length = max(target.count, candidate.count)
    return distance <= max(2, length / 3) && distance < length
  }
  return close.enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
    .prefix(3).map(\.element.0)
}

/// The Levenshtein distance between two words.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      current.append(
        min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
