import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.Security;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A JSSE server: {@code JsseServer ADDRESS PORT STORE PROTOCOLS SUITES ORDER CLIENT ALPN}. The lists are separated by
 * commas; an empty one, or "-", leaves JSSE's default. Nothing is disabled by the platform's security properties;
 * with {@code -Dlegacy=true} what they call legacy is chosen last.
 */
public final class JsseServer {
    public static void main(String[] arguments) throws Exception {
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        if (!Boolean.getBoolean("legacy")) {
            Security.setProperty("jdk.tls.legacyAlgorithms", "");
        }
        Security.setProperty("jdk.certpath.disabledAlgorithms", "");
        char[] password = "password".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(arguments[2])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(Integer.parseInt(arguments[1]), 64, InetAddress.getByName(arguments[0]));
        SSLParameters parameters = listener.getSSLParameters();
        if (!arguments[3].equals("-")) {
            parameters.setProtocols(arguments[3].split(","));
        }
        if (!arguments[4].equals("-")) {
            parameters.setCipherSuites(arguments[4].split(","));
        }
        parameters.setUseCipherSuitesOrder(arguments[5].equals("server"));
        parameters.setWantClientAuth(arguments[6].equals("want"));
        if (!arguments[7].equals("-")) {
            parameters.setApplicationProtocols(arguments[7].split(","));
        }
        listener.setSSLParameters(parameters);
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            Thread thread = new Thread(() -> {
                try (socket) {
                    socket.setSoTimeout(20000);
                    socket.startHandshake();
                    socket.getInputStream().read();
                } catch (Exception ignored) {
                    // Scanners break handshakes off; the next connection is served all the same.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
    }
}
