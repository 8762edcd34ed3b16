import Glibc
import LinearAlgebra

/// The columns that the parts of a scan write to, each at rows of its own.
final class ScanOutput: @unchecked Sendable {
  // Sendable is unchecked because of the pointers: no two parts write to one row, and nothing is read before all are done.

  /// Room for a column in an array that becomes the result, so that a column is not copied once it is read.
  ///
  /// The pointer outlives the closure that gave it. It stays good because the array's storage is on the heap, this object alone
  /// holds it, and nobody touches the array until every part has written.
  private struct Room<Value> {
    var array: [Value]
    let pointer: UnsafeMutablePointer<Value>

    init(_ count: Int, _ type: Value.Type) {
      var room = UnsafeMutableBufferPointer<Value>(start: nil, count: 0)
      array = Array(unsafeUninitializedCapacity: largeArrayCapacity(count, of: Value.self)) {
        buffer, initialised in
        room = buffer
        initialised = count
      }
      pointer = room.baseAddress!
      preferHugePages(room)
    }
  }

  private var numberRooms: [Room<Double>?]
  private var codeRooms: [Room<Int32>?]
  private var keyRooms: [Room<UInt64>?]
  private var lineRoom: Room<Int>
  let numbers: [UnsafeMutablePointer<Double>?]
  let codes: [UnsafeMutablePointer<Int32>?]
  let keys: [UnsafeMutablePointer<UInt64>?]
  let lines: UnsafeMutablePointer<Int>

  init(requests: [ColumnRequest], rows: Int) {
    let rows = max(rows, 1)
    numberRooms = requests.map { if case .number = $0.kind { Room(rows, Double.self) } else { nil } }
    codeRooms = requests.map {
      switch $0.kind {
      case .day, .text: Room(rows, Int32.self)
      case .number, .key: nil
      }
    }
    keyRooms = requests.map { if case .key = $0.kind { Room(rows, UInt64.self) } else { nil } }
    lineRoom = Room(rows, Int.self)
    numbers = numberRooms.map { $0?.pointer }
    codes = codeRooms.map { $0?.pointer }
    keys = keyRooms.map { $0?.pointer }
    lines = lineRoom.pointer
  }

  /// Moves rows down over those that turned out to be blank lines.
  func move(from: Int, to: Int, count: Int) {
    guard from != to, count > 0 else { return }
    for pointer in numbers { if let pointer { memmove(pointer + to, pointer + from, count * 8) } }
    for pointer in keys { if let pointer { memmove(pointer + to, pointer + from, count * 8) } }
    for pointer in codes { if let pointer { memmove(pointer + to, pointer + from, count * 4) } }
    memmove(lines + to, lines + from, count * MemoryLayout<Int>.size)
  }

  /// The first rows of a column of numbers; only once.
  func takeNumbers(_ slot: Int, count: Int) -> [Double] { Self.take(&numberRooms[slot]!.array, count) }
  /// The first rows of a column of codes or days; only once.
  func takeCodes(_ slot: Int, count: Int) -> [Int32] { Self.take(&codeRooms[slot]!.array, count) }
  /// The first rows of a column of words; only once.
  func takeKeys(_ slot: Int, count: Int) -> [UInt64] { Self.take(&keyRooms[slot]!.array, count) }
  /// The lines of the first rows; only once.
  func takeLines(count: Int) -> [Int] { Self.take(&lineRoom.array, count) }

  private static func take<Value>(_ array: inout [Value], _ count: Int) -> [Value] {
    var taken: [Value] = []
    swap(&taken, &array)
    taken.removeLast(taken.count - count)
    return taken
  }
}

/// What one thread of a scan works on: the columns with what it learns of each from part to part.
final class PartColumns {
  /// How the fields of a column are taken.
  enum Form: UInt8 {
    case number
    /// As numbers, but some texts that stand for missing read as numbers too and are compared first.
    case watchedNumber
    case day
    case text
    case key
  }

  /// A column of the request.
  struct Slot: ~Copyable {
    let form: Form
    let numbers: UnsafeMutablePointer<Double>?
    let codes: UnsafeMutablePointer<Int32>?
    let keys: UnsafeMutablePointer<UInt64>?
    var coder = TextCoder()
    /// The row in which each text of the coder was first met.
    var firstRows: [Int] = []
    var traits: FieldTraits = []
    let month = MonthMemory()
    var recent = RecentTexts()

    /// The code of the text in a row, a new one where it was not met before.
    @inline(__always)
    mutating func code(of text: UnsafeBufferPointer<UInt8>, row: Int) -> Int32 {
      let code = coder.code(of: text)
      if Int(code) == firstRows.count { firstRows.append(row) }
      return code
    }
  }

  let slots: UnsafeMutablePointer<Slot>
  private let count: Int

  /// - Parameter watchesNumbers: whether texts that stand for missing may read as numbers.
  init(_ requests: [ColumnRequest], _ output: ScanOutput, watchesNumbers: Bool) {
    count = requests.count
    slots = .allocate(capacity: max(count, 1))
    for (i, request) in requests.enumerated() {
      let form: Form =
        switch request.kind {
        case .number: watchesNumbers ? .watchedNumber : .number
        case .day: .day
        case .text: .text
        case .key: .key
        }
      (slots + i).initialize(
        to: Slot(form: form, numbers: output.numbers[i], codes: output.codes[i], keys: output.keys[i]))
    }
  }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
  }

  var traits: [FieldTraits] { (0..<count).map { slots[$0].traits } }

  /// The texts of a column, as far as this thread met them.
  func texts(_ slot: Int) -> TextShare {
    TextShare(dictionary: slots[slot].coder.dictionary, firstRows: slots[slot].firstRows)
  }
}
