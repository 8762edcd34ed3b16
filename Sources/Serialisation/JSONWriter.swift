/// Writes a JSON document piece by piece, so that a long one never exists as a whole.
///
/// The pieces of long lists of records are made by several threads where the caller provides them, and leave in order.
public struct JSONWriter {
  /// Runs a body for every number from 0 up to a count, in any order, and returns when all are done.
  public typealias Spread = (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void

  /// How many records a piece holds.
  private static let piece = 4096
  /// How many pieces are made before they leave.
  private static let wave = 16

  private let spread: Spread
  private let emit: ([UInt8]) -> Void
  private var out: [UInt8] = []

  /// Prepares a writer.
  ///
  /// - Parameters:
  ///   - spread: runs work side by side; one after the other by default.
  ///   - emit: takes the next bytes of the document.
  public init(
    spread: @escaping Spread = { count, body in for i in 0..<count { body(i) } },
    emit: @escaping ([UInt8]) -> Void
  ) {
    self.spread = spread
    self.emit = emit
  }

  /// Writes a whole document.
  ///
  /// - Parameter indented: two blanks a level; see `JSONValue.text(indented:)`.
  public mutating func write(_ document: JSONValue, indented: Bool) {
    out.removeAll(keepingCapacity: true)
    out.reserveCapacity(1 << 12)
    write(document, level: indented ? 0 : nil)
    if indented { out.append(UInt8(ascii: "\n")) }
    flush()
  }

  private mutating func flush() {
    guard !out.isEmpty else { return }
    emit(out)
    out.removeAll(keepingCapacity: true)
  }

  private mutating func write(_ value: JSONValue, level: Int?) {
    if out.count > 1 << 18 { flush() }
    switch value {
    case .array(let elements):
      // Arrays of plain values stay on one line.
      let isFlat = level != nil && elements.allSatisfy(\.isScalar)
      writeList(elements, open: "[", close: "]", level: isFlat ? -1 : level) { $0.write($1, level: $2) }
    case .object(let members):
      writeList(members, open: "{", close: "}", level: level) {
        JSONValue.write($1.name, to: &$0.out)
        $0.out.append(contentsOf: ($2 == nil ? ":" : ": ").utf8)
        $0.write($1.value, level: $2)
      }
    case .records(let records): write(records, level: level)
    default: value.writeScalar(to: &out)
    }
  }

  /// Writes the items of a list with separators; a level of −1 means one line with blanks after the commas.
  private mutating func writeList<T>(
    _ items: [T], open: String, close: String, level: Int?, item: (inout JSONWriter, T, Int?) -> Void
  ) {
    out.append(contentsOf: open.utf8)
    let broken = level.map { $0 >= 0 && !items.isEmpty } ?? false
    let inner = broken ? level! + 1 : level
    for (i, element) in items.enumerated() {
      if i > 0 { out.append(contentsOf: (level == -1 ? ", " : ",").utf8) }
      if broken { newLine(level: inner!) }
      item(&self, element, inner)
    }
    if broken { newLine(level: level!) }
    out.append(contentsOf: close.utf8)
  }

  private mutating func newLine(level: Int) {
    out.append(UInt8(ascii: "\n"))
    for _ in 0..<(2 * level) { out.append(UInt8(ascii: " ")) }
  }

  private mutating func write(_ records: JSONRecords, level: Int?) {
    out.append(UInt8(ascii: "["))
    let inner = level.map { $0 + 1 }
    for first in stride(from: 0, to: records.count, by: Self.piece * Self.wave) {
      let pieces = (min(records.count - first, Self.piece * Self.wave) + Self.piece - 1) / Self.piece
      let made = Pieces(pieces)
      spread(pieces) { k in
        let start = first + k * Self.piece
        made.set(k, records.text(start..<min(start + Self.piece, records.count), level: inner))
      }
      for k in 0..<pieces {
        if made[k].count < 1 << 14 {
          out += made[k]
        } else {
          flush()
          emit(made[k])
        }
      }
    }
    if let level, records.count > 0 { newLine(level: level) }
    out.append(UInt8(ascii: "]"))
  }
}

/// The pieces of one wave. Sendable is unchecked because each thread writes the places of its own pieces only, and they
/// are read when all are done.
private final class Pieces: @unchecked Sendable {
  private let places: UnsafeMutableBufferPointer<[UInt8]>

  init(_ count: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: [])
  }

  deinit {
    places.deinitialize()
    places.deallocate()
  }

  func set(_ k: Int, _ bytes: [UInt8]) { places[k] = bytes }
  subscript(k: Int) -> [UInt8] { places[k] }
}
