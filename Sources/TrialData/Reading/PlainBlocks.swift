import Glibc

/// Reads the records of a part of a file block by block, wherever no byte of a block needs a second look.
///
/// A block with quotation marks elsewhere than around whole fields, with a blank line or with a record of another width is left
/// to the reader that goes from field to field and knows the grammar.
final class PlainBlocks {
  /// What is known of a whole file before it is read.
  struct Layout {
    let width: Int
    let delimiter: UInt8
    let terminator: UInt8
    /// True where carriage returns stand before line feeds.
    let hasReturns: Bool
    let hasQuotes: Bool
    /// The bytes of a record, about.
    let recordLength: Int
  }

  private let layout: Layout
  private let requests: [ColumnRequest]
  private let conversion: FieldConversion
  private let mark: UInt8
  /// Numbers that may stand for a missing value; nil where every field must be compared with those.
  private let watched: [Double]?
  private let borders: FieldBorders
  private let others: UnsafeMutablePointer<Int32>
  /// Where the next block may begin: behind one that was not plain.
  private var barrier = 0

  /// - Parameter mark: the decimal mark; a byte that no text holds where it is the delimiter too.
  init(_ layout: Layout, _ requests: [ColumnRequest], _ conversion: FieldConversion, mark: UInt8) {
    self.layout = layout
    self.requests = requests
    self.conversion = conversion
    self.mark = mark
    watched = conversion.missing.numbers(mark: conversion.mark)
    // Long enough for some tens of records, short enough for the nearest cache.
    borders = FieldBorders(length: min(max(layout.recordLength, 256), 1 << 14) * 64)
    others = .allocate(capacity: borders.length / 2 + 64)
  }

  deinit { others.deallocate() }

  /// Takes the records of the next block into the columns.
  ///
  /// - Parameters:
  ///   - room: how many rows there are places for.
  /// - Returns: the number of records taken and the place behind them; none where the block is not plain.
  func take(
    _ scanner: RecordScanner, _ slots: UnsafeMutablePointer<PartColumns.Slot>, row: Int, room: Int
  ) -> (records: Int, end: Int) {
    let start = scanner.position
    // A field is looked at by words that may begin before it.
    guard start >= max(barrier, 24), start < scanner.limit else { return (0, start) }
    let text = scanner.base + start
    let end = borders.find(
      in: scanner.base, from: start, to: scanner.limit, delimiter: layout.delimiter,
      terminator: layout.terminator)
    let count = borders.terminators
    guard count > 0, count <= room, isRegular(text, count) else {
      barrier = end
      return (0, start)
    }
    let size = Int(borders.places[count * layout.width]) + 1
    let records = PlainRecords(
      text: text, borders: UnsafePointer(borders.places), count: count, width: layout.width,
      hasReturns: layout.hasReturns, hasQuotes: layout.hasQuotes && memchr(text, 0x22, size) != nil,
      masks: scanner.masks)
    guard !records.hasQuotes || records.quotesWholeFields(size) else {
      barrier = end
      return (0, start)
    }
    for (slot, request) in requests.enumerated() {
      take(records, request, slots + slot, row, scanner)
    }
    return (count, start + size)
  }

  /// True where every record has the width of the header: each of the terminators stands behind that many fields.
  private func isRegular(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard borders.count >= count * layout.width else { return false }
    var isRegular = true
    for record in 1...count {
      isRegular = isRegular && text[Int(borders.places[record &* layout.width])] == layout.terminator
    }
    return isRegular
  }

  private func take(
    _ records: PlainRecords, _ request: ColumnRequest, _ slot: UnsafeMutablePointer<PartColumns.Slot>,
    _ row: Int, _ scanner: RecordScanner
  ) {
    var left = PlainRecords.Others(rows: others)
    let column = request.position
    switch slot.pointee.form {
    case .watchedNumber where watched == nil:
      for record in 0..<records.count { left.add(record) }
    case .number, .watchedNumber:
      let plain = PlainNumbers(records: records, column: column, mark: mark, powers: scanner.powers)
      let numbers = slot.pointee.numbers! + row
      // A column that had no decimal mark so far is likely to have none.
      slot.pointee.traits.formUnion(
        slot.pointee.traits.contains(.hasMark)
          ? plain.takeAny(into: numbers, others: &left) : plain.takeWhole(into: numbers, others: &left))
    case .day:
      records.takeDays(column, into: slot.pointee.codes! + row, slot.pointee.month, others: &left)
    case .text:
      records.takeTexts(column, into: slot.pointee.codes! + row, slot.pointee.recent, others: &left)
    case .key:
      records.takeKeys(column, into: slot.pointee.keys! + row, others: &left)
    }
    for i in 0..<left.count { takeOther(records, Int(others[i]), column, slot, row, scanner) }
    if slot.pointee.form == .watchedNumber, let watched {
      // A number that may stand for a missing value is compared as it is written.
      for record in 0..<records.count where watched.contains(slot.pointee.numbers![row + record]) {
        conversion.store(records.bytes(record, column), slot, row + record)
      }
    }
  }

  /// Takes a field that is not as plain as can be.
  private func takeOther(
    _ records: PlainRecords, _ record: Int, _ column: Int, _ slot: UnsafeMutablePointer<PartColumns.Slot>,
    _ row: Int, _ scanner: RecordScanner
  ) {
    let text = records.bytes(record, column)
    if slot.pointee.form == .number {
      let place = text.baseAddress! - scanner.base
      let number = slot.pointee.numbers! + row + record
      if scanner.takeLongNumber(at: place, number, mark, &slot.pointee.traits) >= 0 { return }
    }
    conversion.store(text, slot, row + record)
    if slot.pointee.form == .text {
      records.remember(record, column, code: slot.pointee.codes![row + record], in: &slot.pointee.recent)
    }
  }
}
