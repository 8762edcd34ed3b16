/// A long list of objects with the same members, kept column by column: the points of a curve.
///
/// As an array of objects a million points of nine figures take some 700 MB and a second to build; as columns they take
/// what the figures take. In a document they are written one object a line.
public struct JSONRecords: Sendable {
  /// The values of one member in every object.
  public enum Column: Sendable {
    /// A number each; `null` where it is not finite.
    case numbers([Double])
    /// A text each, by its place in a list.
    case texts(codes: [Int32], [String])
  }

  /// The members' names and values, in order.
  public let columns: [(name: String, values: Column)]
  /// The number of objects.
  public let count: Int

  /// Makes records from columns.
  ///
  /// - Precondition: every column has `count` values.
  public init(count: Int, _ columns: [(name: String, values: Column)]) {
    for column in columns {
      let found =
        switch column.values {
        case .numbers(let values): values.count
        case .texts(let codes, _): codes.count
        }
      precondition(found == count, "\(found) values of \(column.name) in \(count) records")
    }
    self.columns = columns
    self.count = count
  }

  /// One record as an object.
  public subscript(row: Int) -> JSONValue {
    .object(
      columns.map { column in
        switch column.values {
        case .numbers(let values): .init(column.name, .number(Optional(values[row])))
        case .texts(let codes, let texts): .init(column.name, .string(texts[Int(codes[row])]))
        }
      })
  }

  /// The records as objects.
  public var elements: [JSONValue] { (0..<count).map { self[$0] } }

  /// The records of some rows as text, each on a line of its own where a level of indentation is given; every record
  /// but the first of all is preceded by a comma.
  func text(_ rows: Range<Int>, level: Int?) -> [UInt8] {
    let blank = level == nil ? "" : " "
    let start = Array((level.map { "\n" + String(repeating: " ", count: 2 * $0) } ?? "").utf8)
    var leads: [[UInt8]] = []
    var texts: [[[UInt8]]] = []
    var width = start.count + 3
    for (i, column) in columns.enumerated() {
      var lead: [UInt8] = Array((i == 0 ? "{" : "," + blank).utf8)
      JSONValue.write(column.name, to: &lead)
      leads.append(lead + Array((":" + blank).utf8))
      texts.append(column.values.written)
      width += leads[i].count + max(NumberText.longest, texts[i].reduce(0) { max($0, $1.count) })
    }
    let null = Array("null".utf8)
    return [UInt8](unsafeUninitializedCapacity: width * rows.count) { out, count in
      var place = out.baseAddress!
      func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer {
          if let base = $0.baseAddress { place.update(from: base, count: $0.count) }
        }
        place += bytes.count
      }
      withNumbers { numbers in
        for row in rows {
          if row > 0 {
            place[0] = UInt8(ascii: ",")
            place += 1
          }
          append(start)
          for i in leads.indices {
            append(leads[i])
            if let values = numbers[i] {
              if values[row].isFinite {
                place += NumberText.write(values[row], to: place)
              } else {
                append(null)
              }
            } else if case .texts(let codes, _) = columns[i].values {
              append(texts[i][Int(codes[row])])
            }
          }
          place[0] = UInt8(ascii: "}")
          place += 1
        }
      }
      count = place - out.baseAddress!
    }
  }
}

extension JSONRecords {
  /// Hands out the addresses of all columns of numbers, nil for the others.
  private func withNumbers(_ body: ([UnsafePointer<Double>?]) -> Void) {
    func open(_ addresses: [UnsafePointer<Double>?]) {
      guard addresses.count < columns.count else { return body(addresses) }
      guard case .numbers(let values) = columns[addresses.count].values else {
        return open(addresses + [nil])
      }
      values.withUnsafeBufferPointer { open(addresses + [$0.baseAddress]) }
    }
    open([])
  }
}

extension JSONRecords.Column {
  /// The texts of a column as they stand in a document.
  fileprivate var written: [[UInt8]] {
    guard case .texts(_, let texts) = self else { return [] }
    return texts.map { text in
      var bytes: [UInt8] = []
      JSONValue.write(text, to: &bytes)
      return bytes
    }
  }
}

extension JSONRecords: Equatable {
  public static func == (a: JSONRecords, b: JSONRecords) -> Bool {
    a.count == b.count && (0..<a.count).allSatisfy { a[$0] == b[$0] }
  }
}
