extension ExactInteger {
    /// Arithmetic on what integers come to without their sign: limbs of 32 bits, the lowest first, with or
    /// without leading zeros.
    enum Magnitude {
        static func isLess(_ one: [UInt32], _ other: [UInt32]) -> Bool {
            let count = max(one.count, other.count)
            for index in (0..<count).reversed() {
                let left = index < one.count ? one[index] : 0
                let right = index < other.count ? other[index] : 0
                if left != right { return left < right }
            }
            return false
        }

        static func sum(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
            var result: [UInt32] = []
            var carry: UInt64 = 0
            for index in 0..<max(one.count, other.count) {
                let left = index < one.count ? UInt64(one[index]) : 0
                let right = index < other.count ? UInt64(other[index]) : 0
                let sum = left + right + carry
                result.append(UInt32(truncatingIfNeeded: sum))
                carry = sum >> 32
            }
            result.append(UInt32(carry))
            return result
        }

        /// The larger less the smaller.
        static func difference(_ larger: [UInt32], _ smaller: [UInt32]) -> [UInt32] {
            var result: [UInt32] = []
            var borrow: Int64 = 0
            for index in larger.indices {
                let right = index < smaller.count ? Int64(smaller[index]) : 0
                let value = Int64(larger[index]) - right - borrow
                borrow = value < 0 ? 1 : 0
                result.append(UInt32(truncatingIfNeeded: value))
            }
            return result
        }

        /// Multiplication as at school.
        static func product(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
            var product = [UInt32](repeating: 0, count: one.count + other.count)
            for (index, limb) in one.enumerated() where limb > 0 {
                var carry: UInt64 = 0
                for (place, factor) in other.enumerated() {
                    let sum = UInt64(limb) * UInt64(factor) + UInt64(product[index + place]) + carry
                    product[index + place] = UInt32(truncatingIfNeeded: sum)
                    carry = sum >> 32
                }
                product[index + other.count] = UInt32(carry)
            }
            return product
        }

        /// Long division, a limb of the quotient at a time: Knuth, The Art of Computer Programming 4.3.1, D.
        static func divide(
            _ dividend: [UInt32], by divisor: [UInt32]
        ) -> (quotient: [UInt32], remainder: [UInt32]) {
            var divisor = divisor
            while divisor.last == 0 { divisor.removeLast() }
            guard divisor.count > 1, let top = divisor.last else {
                return divide(dividend, by: divisor[0])
            }
            guard dividend.count >= divisor.count else { return ([], dividend) }
            // With the divisor's highest bit set, a digit that is guessed from two limbs is at most 2 too large.
            let shift = UInt64(top.leadingZeroBitCount)
            let lower = shifted(divisor, by: shift).dropLast()
            var rest = shifted(dividend, by: shift)
            let count = divisor.count
            let (first, second) = (UInt64(lower[count - 1]), UInt64(lower[count - 2]))
            var quotient = [UInt32](repeating: 0, count: dividend.count - count + 1)
            for place in quotient.indices.reversed() {
                let head = UInt64(rest[place + count]) << 32 | UInt64(rest[place + count - 1])
                var (digit, left) = head.quotientAndRemainder(dividingBy: first)
                while digit >> 32 > 0
                    || digit * second > left << 32 | UInt64(rest[place + count - 2])
                {
                    digit -= 1
                    left += first
                    if left >> 32 > 0 { break }
                }
                if subtract(lower, times: digit, from: &rest, at: place) {
                    digit -= 1
                    add(lower, to: &rest, at: place)
                }
                quotient[place] = UInt32(truncatingIfNeeded: digit)
            }
            var remainder = [UInt32](repeating: 0, count: count)
            for index in 0..<count {
                let pair = UInt64(rest[index + 1]) << 32 | UInt64(rest[index])
                remainder[index] = UInt32(truncatingIfNeeded: pair >> shift)
            }
            return (quotient, remainder)
        }

        /// Shifted to the left by less than a limb, with one limb more.
        private static func shifted(_ value: [UInt32], by shift: UInt64) -> [UInt32] {
            var result: [UInt32] = []
            result.reserveCapacity(value.count + 1)
            var carry: UInt64 = 0
            for limb in value {
                let wide = UInt64(limb) << shift | carry
                result.append(UInt32(truncatingIfNeeded: wide))
                carry = wide >> 32
            }
            result.append(UInt32(carry))
            return result
        }

        /// Takes a multiple away.
        /// - Returns: whether that was more than there was; the highest limb has then run below 0.
        private static func subtract(
            _ value: ArraySlice<UInt32>, times digit: UInt64, from rest: inout [UInt32],
            at place: Int
        ) -> Bool {
            var carry: UInt64 = 0
            var borrow: Int64 = 0
            for index in 0..<value.count {
                let product = digit * UInt64(value[index]) + carry
                carry = product >> 32
                let difference = Int64(rest[place + index]) - Int64(product & 0xffff_ffff) - borrow
                rest[place + index] = UInt32(truncatingIfNeeded: difference)
                borrow = difference < 0 ? 1 : 0
            }
            let difference = Int64(rest[place + value.count]) - Int64(carry) - borrow
            rest[place + value.count] = UInt32(truncatingIfNeeded: difference)
            return difference < 0
        }

        private static func add(
            _ value: ArraySlice<UInt32>, to rest: inout [UInt32], at place: Int
        ) {
            var carry: UInt64 = 0
            for index in 0..<value.count {
                let sum = UInt64(rest[place + index]) + UInt64(value[index]) + carry
                rest[place + index] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            rest[place + value.count] = UInt32(
                truncatingIfNeeded: UInt64(rest[place + value.count]) + carry)
        }

        private static func divide(
            _ dividend: [UInt32], by divisor: UInt32
        ) -> (quotient: [UInt32], remainder: [UInt32]) {
            var quotient = dividend
            var rest: UInt64 = 0
            for index in dividend.indices.reversed() {
                let part = rest << 32 | UInt64(dividend[index])
                quotient[index] = UInt32(part / UInt64(divisor))
                rest = part % UInt64(divisor)
            }
            return (quotient, [UInt32(rest)])
        }
    }
}
