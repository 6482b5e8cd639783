// Writes histogram_vectors.txt with the Java reference of HdrHistogram (Debian: libhdrhistogram-java):
//
//   java -cp /usr/share/java/hdrhistogram.jar tests/data/HistogramVectors.java > tests/data/histogram_vectors.txt
//
// One vector a line: its name, the values in microseconds, and the reference's percentiles.

import java.util.Arrays;
import java.util.Random;
import org.HdrHistogram.Histogram;

public class HistogramVectors {
    static final double[] PERCENTILES = {0, 1, 25, 50, 75, 90, 95, 99, 99.9, 100};

    static void print(String name, long[] values) {
        Histogram h = new Histogram(1, 3_600_000_000L, 3);
        for (long v : values) h.recordValue(v);
        StringBuilder line = new StringBuilder(name + " values");
        for (long v : values) line.append(' ').append(v);
        line.append(" percentiles");
        for (double p : PERCENTILES) line.append(' ').append(p).append(' ').append(h.getValueAtPercentile(p));
        System.out.println(line);
    }

    public static void main(String[] args) {
        print("single", new long[] {1});
        print("zero", new long[] {0, 0, 5});
        print("pair", new long[] {10, 20});
        print("edges", new long[] {2047, 2048, 2049, 4095, 4096, 4097, 1048575, 1048576});
        print("hour", new long[] {1, 3_600_000_000L});
        long[] ramp = new long[1000];
        for (int i = 0; i < ramp.length; ++i) ramp[i] = (i + 1) * 1000L;
        print("ramp", ramp);
        Random random = new Random(42);
        for (int n : new int[] {7, 100, 333, 2000}) {
            long[] uniform = new long[n];
            long[] lognormal = new long[n];
            for (int i = 0; i < n; ++i) {
                uniform[i] = random.nextInt(5_000_000);
                lognormal[i] = (long) Math.exp(9.0 + 1.3 * random.nextGaussian());
            }
            print("uniform" + n, uniform);
            print("lognormal" + n, lognormal);
        }
    }
}
